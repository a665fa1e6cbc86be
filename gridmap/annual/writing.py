"""The year's figures as files: annual.html, annual.csv, annual.json, and the rows of each in rows/KEY.csv.

The same figures give the same bytes. Every file names its figures by the keys of figures.csv.
"""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import groupby
from typing import Any

import jinja2

from gridmap import __version__
from gridmap.annual.model import Figure, Year
from gridmap.errors import BadInput
from gridmap.spreadsheets import csv_bytes
from gridmap.works.model import as_number

FIELDS = ("key", "label", "value", "unit", "over", "period", "rows", "query")
CHAPTERS_EN = {
    "网格": "Grids",
    "便民": "For residents",
    "文化": "Culture and jobs",
    "平安": "Disputes and cases",
    "环境": "Environment",
    "违建": "Illegal building",
}

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("gridmap.annual"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def annual_files(year: Year, lang: str = "zh") -> dict[str, bytes]:
    """Path inside the folder -> content. `lang` (zh, en) is that of the page and of the labels.

    Raises BadInput(field="lang").
    """
    if lang not in ("zh", "en"):
        raise BadInput("give zh or en", field="lang")
    rows = [row(figure, lang) for figure in year.figures]
    files = {
        "annual.html": _page(year, lang).encode(),
        "annual.csv": csv_bytes(FIELDS, ([_cell(one[name]) for name in FIELDS] for one in rows)),
        "annual.json": (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode(),
    }
    for figure in year.figures:
        if figure.value is not None:
            files[rows_file(figure)] = csv_bytes(figure.columns, ([*map(_cell, r)] for r in figure.table))
    return files


def row(figure: Figure, lang: str = "zh") -> dict[str, Any]:
    """The values of FIELDS. A figure that cannot be derived has no value, and the reason as its query."""
    wanted = figure.wanted
    value = figure.value
    return {
        "key": wanted.key,
        "label": wanted.label if lang == "zh" else wanted.label_en,
        "value": None if value is None else as_number(value),
        "unit": wanted.unit if lang == "zh" else wanted.unit_en,
        "over": figure.over,
        "period": period(figure),
        "rows": figure.rows,
        "query": f"-- {reason(figure, lang)}" if value is None else figure.query,
    }


def period(figure: Figure) -> str:
    """ "2023", or "2022-07/2023-12" (ISO 8601) where it is not one year."""
    first, last = figure.first, figure.last
    return f"{last:%Y}" if first.year == last.year else f"{first:%Y-%m}/{last:%Y-%m}"


def reason(figure: Figure, lang: str) -> str:
    """Why a figure cannot be derived; empty for one that can."""
    if figure.why_not is None:
        return ""
    zh, en = figure.why_not
    return f"无法由系统数据得出:{zh}" if lang == "zh" else f"cannot be derived: {en}"


def rows_file(figure: Figure) -> str:
    return f"rows/{figure.wanted.key}.csv"


def shown(figure: Figure, lang: str) -> str:
    """A value as its year's report words it: 8,900余条, over 8,900."""
    if figure.value is None:
        return "—"
    number, unit = f"{figure.value:,}", figure.wanted.unit
    if lang == "zh":
        return f"{number}{'余' if figure.over else ''}{unit}"
    return f"{'over ' if figure.over else ''}{number} {figure.wanted.unit_en}".strip()


def _page(year: Year, lang: str) -> str:
    chapters = [
        (name if lang == "zh" else CHAPTERS_EN[name], list(figures))
        for name, figures in groupby(year.figures, lambda figure: figure.wanted.chapter)
    ]
    return _templates.get_template("annual.html").render(
        year=year,
        lang=lang,
        chapters=chapters,
        shown=shown,
        period=period,
        reason=reason,
        rows_file=rows_file,
        version=__version__,
        missing=sum(figure.value is None for figure in year.figures),
    )


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else value if isinstance(value, int | float | str) else str(value)
