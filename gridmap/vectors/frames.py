"""From a file's coordinate reference system to the one everything is stored in: EPSG:4326, lon then lat.

CGCS2000 and WGS-84 are one here (DESIGN, spatial rules), so coordinates on either datum are only
unprojected onto the file's own geographic base; PROJ gets no chance to slip a datum shift in between. Each
distinct vertex of a file is converted once: two areas that shared an edge before still do, to the last digit.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from gridmap.errors import BadFile, BadInput
from gridmap.geometry.datums import check_datum, to_wgs84
from gridmap.vectors.model import Remark

WGS84 = pyproj.CRS.from_epsg(4326)
_EQUAL_DATUMS = re.compile(r"wgs ?(19)?84|world geodetic system 1984|china 2000|cgcs ?2000|china geodetic")


def parse_crs(definition: str, *, shown: str | None = None) -> pyproj.CRS:
    """A CRS from an EPSG code, a URN, WKT or PROJ text. Raises BadFile(field="crs")."""
    text = f"EPSG:{definition}" if definition.strip().isdigit() else definition
    try:
        crs = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        raise BadFile(
            f"{(shown or definition)[:80]!r} is not a known coordinate reference system; give e.g. EPSG:4545",
            field="crs",
        ) from None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.geodetic_crs is None or not (crs.is_geographic or crs.is_projected or crs.is_bound):
        raise BadFile(
            f"{crs.name!r} is not tied to the earth; export the file in EPSG:4490 or 4326", field="crs"
        )
    return crs


def crs_name(crs: pyproj.CRS) -> str:
    """Short and recognisable: EPSG:4545 CGCS2000 / 3-degree Gauss-Kruger CM 108E."""
    code = crs.to_epsg()
    return f"EPSG:{code} {crs.name}" if code else str(crs.name)


def to_storage(geoms: Any, crs: pyproj.CRS, datum: str | None) -> tuple[Any, list[Remark]]:
    """An array of geometries in `crs` -> in EPSG:4326, and what there is to say about the way there.

    `datum`: the datum that geographic coordinates are really in ("gcj02", "bd09"); a CRS cannot name those.
    Raises BadInput(field="datum") when the CRS is projected, BadFile(field="crs") when no way to WGS-84
    is known for the place.
    """
    if datum is not None and check_datum(datum) in ("gcj02", "bd09"):
        if not crs.is_geographic:
            raise BadInput(
                f"{datum} is a datum of degrees, and the file is in {crs_name(crs)}; leave datum out",
                field="datum",
            )
        return _by_vertex(geoms, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))), []
    if not any(geom is not None and not geom.is_empty for geom in geoms):
        return geoms, []
    base = crs.geodetic_crs
    assert base is not None  # parse_crs saw to it
    notes: list[Remark] = []
    if on_storage_datum(crs):
        if crs.is_geographic:
            return geoms, []
        transformer = pyproj.Transformer.from_crs(crs, base, always_xy=True)
    else:
        transformer, note = _shifting(geoms, crs, base)
        notes.append(note)
    return _by_vertex(geoms, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))), notes


def on_storage_datum(crs: pyproj.CRS) -> bool:
    """Whether its degrees, or those it is projected from, are WGS-84's or CGCS2000's."""
    base = crs.geodetic_crs
    if base is None or not _in_degrees(base):
        return False
    name = base.datum.name if base.datum else base.name
    return bool(_EQUAL_DATUMS.search(name.lower().replace("_", " ")))


def _in_degrees(crs: pyproj.CRS) -> bool:
    greenwich = crs.prime_meridian is None or crs.prime_meridian.longitude == 0
    return greenwich and all(axis.unit_name == "degree" for axis in crs.axis_info[:2])


def _shifting(geoms: Any, crs: pyproj.CRS, base: pyproj.CRS) -> tuple[pyproj.Transformer, Remark]:
    """The best known shift from another datum for the place where the data lie, and its name.

    Without the place PROJ would rank a shift first that is exact in another basin a thousand kilometres off.
    """
    unshifted = pyproj.Transformer.from_crs(crs, base, always_xy=True)
    box = unshifted.transform_bounds(*shapely.total_bounds(geoms).tolist())
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # that a finer grid could be downloaded; the remark tells the accuracy
        group = TransformerGroup(
            crs,
            WGS84,
            always_xy=True,
            allow_ballpark=False,
            area_of_interest=AreaOfInterest(*box),  # type: ignore[arg-type]  # pyproj means its public one
        )
    for shift in group.transformers:
        use = shift.area_of_use
        inside = (
            use and use.west <= box[0] and use.south <= box[1] and use.east >= box[2] and use.north >= box[3]
        )
        if inside:
            way = f"{shift.description!r}, certain to {shift.accuracy:g} m"
            text = f"shifted from {base.name} to WGS-84 by {way}"
            return shift, Remark("datum_shift", text)
    raise BadFile(
        f"no way from {crs_name(crs)} to WGS-84 is known for this place; convert the file to CGCS2000 first",
        field="crs",
    )


def _by_vertex(geoms: Any, convert: Any) -> Any:
    def once(vertices: np.ndarray) -> np.ndarray:
        distinct, where = np.unique(vertices, axis=0, return_inverse=True)
        return convert(distinct)[where.reshape(-1)]

    return shapely.transform(geoms, once)
