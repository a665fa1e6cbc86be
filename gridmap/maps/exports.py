"""The month's heat map as a file in any format; the one door for the service and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from gridmap.errors import BadInput
from gridmap.maps.heat import heat_page
from gridmap.maps.numbers import heat_numbers
from gridmap.statistics.daily import Daily
from gridmap.statistics.model import MonthHeat

# format -> media type
FORMATS = {
    "html": "text/html; charset=utf-8",
    "png": "image/png",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
}


DAYS_MOST = 60_000  # numbers that lie in a page, some 150 KB: 2,000 grids


@dataclass(frozen=True, slots=True)
class HeatFile:
    """A finished file. `name` is ASCII and says jurisdiction, month and category."""

    name: str
    media_type: str
    body: bytes


def check_format(format: str) -> str:
    """Raise BadInput(field="format") naming what there is."""
    if format not in FORMATS:
        raise BadInput(f"{format[:20]!r} is not a format; give {', '.join(FORMATS)}", field="format")
    return format


def heat_file(heat: MonthHeat, format: str, lang: str = "zh", days: Daily | None = None) -> HeatFile:
    """The heat map of a month: a self-contained page, an A4 sheet, or the numbers per grid.

    The page plays `days` where they are given and small enough to lie in it.
    """
    check_format(format)
    if format == "html":
        body = heat_page(heat, lang=lang, assets="inline", daily=inlined(days)).encode()
    elif format in ("png", "pdf"):
        from gridmap.maps.printing import heat_sheet  # Matplotlib: pages can do without its 50 MB

        body = heat_sheet(heat, format, lang)
    else:
        body = heat_numbers(heat, format, lang)
    category = f"-{heat.category.code}" if heat.category else ""
    ascii_category = category if category.isascii() else "-local"
    then = f"-edition-{heat.recut}" if heat.recut is not None else ""
    then += f"-as-of-{heat.as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}" if heat.as_of else ""
    name = f"heatmap-{heat.jurisdiction.code}-{heat.month:%Y-%m}{ascii_category}{then}.{format}"
    return HeatFile(name, FORMATS[format], body)


def inlined(days: Daily | None) -> dict[str, Any] | None:
    """A month's days as they lie in a page; {} says that they are too many."""
    if days is None:
        return None
    if len(days.counts) * days.days > DAYS_MOST:
        return {}
    return {"items": [{"code": code, "counts": counts} for code, counts in days.counts.items()]}
