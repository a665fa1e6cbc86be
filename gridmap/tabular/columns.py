"""Which heading of a table is which field, among the usual Chinese and English ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gridmap.errors import BadFile
from gridmap.text import printable


def choose_columns(
    fields: Sequence[str], headings: Mapping[str, Sequence[str]], *, needed: Sequence[str] = ()
) -> dict[str, str]:
    """field -> heading of the file. `headings` lists for each field what it is called, the surest first;
    case, blanks, hyphens and underscores do not count. Raises BadFile for a needed field without one."""
    plain = {_plain(field): field for field in reversed(fields)}
    chosen = {}
    for field, names in headings.items():
        for name in names:
            if _plain(name) in plain:
                chosen[field] = plain[_plain(name)]
                break
    for field in needed:
        if field not in chosen:
            known = ", ".join(headings[field])
            listed = printable(", ".join(fields))
            raise BadFile(f"no column for {field} ({known}); the file has {listed}", field=field)
    return chosen


def _plain(heading: str) -> str:
    return "".join(heading.casefold().split()).replace("_", "").replace("-", "")
