"""One doorway to tables, by the ending of a file's name."""

from __future__ import annotations

from pathlib import Path

from gridmap.archives import check_size
from gridmap.errors import BadFile
from gridmap.tabular.delimited import open_delimited
from gridmap.tabular.encodings import detect_encoding
from gridmap.tabular.jsontext import open_geojson, open_json_lines
from gridmap.tabular.model import WHOLE_LIMIT, Table
from gridmap.tabular.spreadsheet import open_spreadsheet

DELIMITED = (".csv", ".tsv", ".txt")


def open_table(path: Path, *, encoding: str | None = None, sheet: str | None = None, limit: int) -> Table:
    """Open a table by the ending of its name.

    `encoding`: None finds out among UTF-8 (with or without BOM), UTF-16 with BOM and GB18030 by reading
    the bytes of the whole file once. `sheet`: of a spreadsheet; None takes the first. `limit`: bytes.

    Raises BadFile (field "file", "encoding" or "sheet") and TooLarge; while the rows are walked only
    BadFile, for a line that is too long to be a line.
    """
    check_size(path, limit)
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm", ".xls", ".ods"):
        return open_spreadsheet(path, sheet, min(limit, WHOLE_LIMIT))
    if suffix in DELIMITED:
        return open_delimited(path, encoding or detect_encoding(path), "\t" if suffix == ".tsv" else None)
    if suffix in (".ndjson", ".jsonl"):
        return open_json_lines(path, encoding or detect_encoding(path))
    if suffix in (".geojson", ".json"):
        check_size(path, min(limit, WHOLE_LIMIT))
        return open_geojson(path, encoding or detect_encoding(path))
    raise BadFile(
        f"{path.name} has no known ending; give .csv, .tsv, .xlsx, .geojson or .ndjson", field="file"
    )
