"""Who a transaction is for: what the database is told, so that it shows no more than may be seen.

Whose duties reach where is for gridmap.people.sight to say, and for the policies of the database to hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SEES_ALL = frozenset({"administrator", "office"})  # their sight is the jurisdiction, whatever their duties


@dataclass(frozen=True, slots=True)
class Asker:
    """An account that has signed in, or a token.

    `name` is lasting, and what is recorded with whatever they do: `account:<login>` or `token:<name>`.
    `person` is the code of the person whose duties bound what is seen, where there is one.
    """

    jurisdiction: str
    name: str
    roles: frozenset[str]
    person: str | None = None
    title: str = ""  # how a page calls them
    demonstration: bool = False

    @property
    def is_token(self) -> bool:
        """Whether a machine asks; it may what its one role may, and nothing by its person's other duties."""
        return self.name.startswith("token:")

    @property
    def sees_all(self) -> bool:
        """Whether their sight is the jurisdiction."""
        return not self.roles.isdisjoint(SEES_ALL)


# for one transaction: the policies ask for these settings, and for the duties of the person
INTRODUCTION = """
    SELECT set_config('gridmap.jurisdiction', %(jurisdiction)s, true),
           set_config('gridmap.asker', %(name)s, true), set_config('gridmap.roles', %(roles)s, true),
           set_config('gridmap.person', %(person)s, true)
    """


def introduction(asker: Asker) -> tuple[str, Mapping[str, str]]:
    """The statement, and its values, that tells the database for whom a transaction is."""
    roles = ",".join(sorted(asker.roles))
    values = {"jurisdiction": asker.jurisdiction, "name": asker.name, "roles": roles}
    return INTRODUCTION, values | {"person": asker.person or ""}
