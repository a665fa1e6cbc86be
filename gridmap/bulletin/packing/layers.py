"""The bulletin's layers as one GeoPackage: areas with their figures, places, piles, the outline, and notes.

EPSG:4326, coordinates as stored. GDAL would write the present into the file; it is told the time to write.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.bulletin.packing.tables import areas, method
from gridmap.bulletin.printed import Printed
from gridmap.places.model import Place

AREA_FIELDS = (
    *("code", "name", "parent", "reports", "per_km2", "area_km2", "buildings", "per_building"),
    *("month_before", "on_month", "on_month_percent", "year_before", "on_year", "on_year_percent"),
    *("gi_z", "gi_p", "gi_q", "gi_star"),
)
PLACE_FIELDS = (
    *("kind", "code", "name", "name_en", "capacity", "opening_hours"),
    *("radius_m", "reports", "per_100_spaces"),
)
_INTEGERS = {
    *("reports", "buildings", "capacity", "edition"),
    *("month_before", "on_month", "year_before", "on_year"),
}
_TEXTS = {"code", "name", "name_en", "parent", "gi_star", "kind", "opening_hours", "item", "text", "month"}


@dataclass(frozen=True, slots=True)
class Layer:
    """`geometries` None: a table without any. Fields in the order of each row's values."""

    name: str
    fields: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    geometries: tuple[BaseGeometry, ...] | None = None
    geometry_type: str | None = None


def layers(shown: Printed, there: Sequence[Place], lang: str) -> tuple[Layer, ...]:
    """The areas that the month is shown on, all places of its last day, piles, the outline, notes."""
    found, heat = shown.digest, shown.digest.heat
    around = {(each.kind, each.code): each for each in found.places}
    known = [around.get((place.kind, place.code)) for place in there]
    piles = found.difference.piles
    return (
        Layer(
            f"{heat.kind}s" if heat.kind != "community" else "communities",
            AREA_FIELDS,
            tuple(areas(found, "en")),
            tuple(_multi(grid.geometry) for grid in heat.grids),
            "MultiPolygon",
        ),
        Layer(
            "places",
            PLACE_FIELDS,
            tuple(
                (
                    *(place.kind, place.code, place.name, place.name_en, place.capacity, place.opening_hours),
                    *((near.radius_m, near.reports, near.per_100_spaces) if near else (None, None, None)),
                )
                for place, near in zip(there, known, strict=True)
            ),
            tuple(place.geometry.point_on_surface() for place in there),
            "Point",
        ),
        Layer(
            "piles",
            ("reports",),
            tuple((pile.count,) for pile in piles),
            tuple(shapely.Point(pile.lon, pile.lat) for pile in piles),
            "Point",
        ),
        Layer(
            "outline",
            ("code", "name", "month", "edition"),
            ((heat.jurisdiction.code, heat.jurisdiction.name, f"{heat.month:%Y-%m}", heat.edition),),
            (_multi(heat.outline),),
            "MultiPolygon",
        ),
        Layer("notes", ("item", "text"), tuple(method(shown, lang))),
    )


def geopackage(made: Sequence[Layer], *, moment: datetime) -> bytes:
    """The file; `moment` stands in it as the time of its making. The same layers give the same bytes."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder, _at(moment):
        path = Path(folder, "bulletin.gpkg")
        for layer in made:
            _write(path, layer)
        return path.read_bytes()


def _write(path: Path, layer: Layer) -> None:
    columns = [_column(name, [row[at] for row in layer.rows]) for at, name in enumerate(layer.fields)]
    geometries = layer.geometries
    pyogrio.raw.write(
        path,
        geometry=None if geometries is None else shapely.to_wkb(np.array(geometries, dtype=object)),
        field_data=[values for values, _ in columns],
        field_mask=[missing for _, missing in columns],
        fields=list(layer.fields),
        geometry_type=layer.geometry_type,
        crs=None if geometries is None else "EPSG:4326",
        driver="GPKG",
        layer=layer.name,
        encoding="UTF-8",
    )


def _column(name: str, values: list[Any]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Values and which of them are missing, of the type that the field's name has."""
    if name in _TEXTS:
        return np.array(values, dtype=object), None
    missing = np.array([value is None for value in values], dtype=bool)
    kind = np.int64 if name in _INTEGERS else np.float64
    return np.array([0 if value is None else value for value in values], dtype=kind), missing


def _multi(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.multipolygons(shapely.get_parts(geometry))


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """What GDAL takes for the present."""
    name = "OGR_CURRENT_DATE"
    before = pyogrio.get_gdal_config_option(name)
    pyogrio.set_gdal_config_options({name: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({name: before})
