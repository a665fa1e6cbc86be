"""One doorway to vector files: Shapefile (also zipped), GeoPackage, GeoJSON, KML, FlatGeobuf.

The ending of the name says what a file claims to be and its first bytes must agree: GDAL opens by content,
and one of the things it opens is a small text that names other files and hosts to read from. GeoJSON goes
its own, stricter way (geojson.py); everything else is read by GDAL through pyogrio.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely

from gridmap.archives import check_size, check_zip
from gridmap.errors import BadFile
from gridmap.tabular import WHOLE_LIMIT, detect_encoding
from gridmap.vectors import dbf, frames, geojson
from gridmap.vectors.model import Feature, Layer, Remark

FORMATS = {
    ".shp": "Shapefile",
    ".zip": "Shapefile",
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".kml": "KML",
    ".fgb": "FlatGeobuf",
}
_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_KML_ROOT = re.compile(rb"^\s*(<\?xml[^>]*\?>)?\s*(<!--.*?-->\s*)*<(\w+:)?kml[\s>]", re.DOTALL)


def read_layer(
    path: Path,
    *,
    limit: int,
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    datum: str | None = None,
) -> Layer:
    """Read one layer whole, in EPSG:4326.

    `limit` bytes, packed and unpacked. `layer`: needed only where a file has several. `encoding`: of a
    Shapefile's table or a GeoJSON text; found out when None. `crs`: for a file that names none, or names a
    wrong one. `datum`: "gcj02" or "bd09" when the degrees of the file are really that; every vertex is
    converted.

    Raises BadFile (fields "file", "layer", "encoding", "crs"), BadInput (field "datum") and TooLarge.
    """
    kind = check_readable(path, limit)
    sha256 = digest(path)
    if kind == "GeoJSON":
        check_size(path, min(limit, WHOLE_LIMIT))
        raw = _read_geojson(path, layer, encoding)
    elif path.suffix.lower() == ".zip":
        with _unzipped(path, layer, limit) as shapefile:
            raw = _read_shapefile(shapefile, path.name, encoding)
    elif kind == "Shapefile":
        raw = _read_shapefile(path, path.name, encoding)
    else:
        raw = _read_gdal(path, path.name, kind, layer, None)
    return _finished(raw, kind, path.name, sha256, crs, datum)


def check_readable(path: Path, limit: int) -> str:
    """The format by the file's ending. Raises BadFile for a missing, empty or unknown file, TooLarge."""
    check_size(path, limit)
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise BadFile(
            f"{path.name} has no known ending; give .shp (or .zip of one), .gpkg, .geojson, .kml or .fgb",
            field="file",
        )
    return kind


def digest(path: Path) -> str:
    """SHA-256 of a file's content, as hex; of a Shapefile with its companions (the names are in the .dbf)."""
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = [p for suffix in _SIDECARS if (p := _sidecar(path, suffix))]
    total = hashlib.sha256()
    for part in parts:
        with part.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                total.update(chunk)
    return total.hexdigest()


class _Raw:
    """What a format's reader found: features in the file's own CRS."""

    def __init__(self, features: list[Feature], crs: str | None, fields: list[str], notes: list[Remark]):
        self.features, self.crs, self.fields, self.notes = features, crs, fields, notes
        self.layer: str | None = None
        self.encoding: str | None = None


def _finished(raw: _Raw, kind: str, name: str, sha256: str, crs: str | None, datum: str | None) -> Layer:
    notes = list(raw.notes)
    if crs is None and raw.crs is None:
        raise BadFile(f"{name} does not say its coordinate reference system; name it", field="crs")
    source = frames.parse_crs(crs or raw.crs or "", shown=crs)
    if crs is not None and raw.crs is not None and frames.parse_crs(raw.crs) != source:
        notes.append(
            Remark("crs_overruled", f"the file says {frames.crs_name(frames.parse_crs(raw.crs))}; overruled")
        )
    geometries = np.array([feature.geometry for feature in raw.features], dtype=object)
    converted, said = frames.to_storage(geometries, source, datum)
    changed = converted is not geometries
    features = []
    for feature, before, after in zip(raw.features, geometries, converted, strict=True):
        dropped = changed and before is not None and shapely.has_z(before)
        remark = (Remark("z_dropped", "heights were dropped; boundaries are flat here"),) if dropped else ()
        features.append(Feature(feature.number, feature.properties, after, feature.remarks + remark))
    label = frames.crs_name(source) + (f", degrees in {datum}" if datum in ("gcj02", "bd09") else "")
    return Layer(
        name,
        sha256,
        kind,
        raw.layer,
        label,
        raw.encoding,
        tuple(raw.fields),
        tuple(features),
        tuple(notes + said),
    )


# --- GeoJSON


def _read_geojson(path: Path, layer: str | None, encoding: str | None) -> _Raw:
    if layer is not None:
        raise BadFile(f"{path.name} is GeoJSON, which has no layers", field="layer")
    encoding = encoding or detect_encoding(path)
    try:
        document = geojson.parse(path.read_text(encoding=encoding), path.name)
    except (UnicodeError, LookupError):
        raise BadFile(f"{path.name} is not {encoding}; name its encoding", field="encoding") from None
    fields = list(dict.fromkeys(key for feature in document.features for key in feature.properties))
    raw = _Raw([_flat(f) for f in document.features], document.crs or "EPSG:4326", fields, document.notes)
    raw.encoding = encoding
    return raw


# --- Shapefile


def _sidecar(shp: Path, suffix: str) -> Path | None:
    return next((p for end in (suffix, suffix.upper()) if (p := shp.with_suffix(end)).is_file()), None)


def _read_shapefile(shp: Path, shown: str, encoding: str | None) -> _Raw:
    with shp.open("rb") as stream:
        if stream.read(4) != b"\x00\x00\x27\x0a":
            raise BadFile(f"{shown} is not a Shapefile", field="file")
    table = _sidecar(shp, ".dbf")
    for suffix, found in ((".dbf", table), (".shx", _sidecar(shp, ".shx"))):
        if found is None:
            raise BadFile(
                f"{shown} lacks its {suffix}; a Shapefile is .shp, .shx and .dbf together", field="file"
            )
    assert table is not None
    chosen = encoding or dbf.table_encoding(table, _sidecar(shp, ".cpg"), shown)
    raw = _read_gdal(shp, shown, "Shapefile", None, chosen)
    raw.encoding = chosen
    return raw


@contextmanager
def _unzipped(path: Path, layer: str | None, limit: int) -> Iterator[Path]:
    """The Shapefile of an archive, under a plain name in a passing folder: the names in a zip are in any
    encoding and may point anywhere."""
    names = [PurePosixPath(member.filename.replace("\\", "/")) for member in check_zip(path, limit)]
    shps = {
        name.stem: index
        for index, name in enumerate(names)
        if name.suffix.lower() == ".shp" and "__MACOSX" not in name.parts
    }
    if not shps:
        raise BadFile(f"{path.name} holds no Shapefile (.shp)", field="file")
    if (layer is None and len(shps) > 1) or (layer is not None and layer not in shps):
        raise BadFile(f"{path.name} holds {', '.join(shps)}; name one of them", field="layer")
    main = names[shps[layer or next(iter(shps))]]
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        for name, member in zip(names, archive.infolist(), strict=True):
            if name.parent == main.parent and name.stem == main.stem and name.suffix.lower() in _SIDECARS:
                Path(folder, f"layer{name.suffix.lower()}").write_bytes(archive.read(member))
        yield Path(folder, "layer.shp")


# --- everything else, by GDAL


def _check_content(path: Path, kind: str) -> None:
    with path.open("rb") as stream:
        head = stream.read(4096)
    sound = {
        "Shapefile": head.startswith(b"\x00\x00\x27\x0a"),
        "GeoPackage": head.startswith(b"SQLite format 3\0"),
        "FlatGeobuf": head.startswith(b"fgb"),
        "KML": bool(_KML_ROOT.match(head.removeprefix(b"\xef\xbb\xbf"))),
    }[kind]
    if not sound:
        raise BadFile(f"{path.name} is not a {kind}, whatever its name says", field="file")


def _read_gdal(path: Path, shown: str, kind: str, layer: str | None, encoding: str | None) -> _Raw:
    _check_content(path, kind)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            chosen = _choose_layer(path, shown, layer)
            meta, _, wkb, columns = pyogrio.raw.read(
                path, layer=chosen, encoding=encoding, datetime_as_string=True
            )
    except (UnicodeError, LookupError):
        raise BadFile(
            f"the attributes of {shown} are not {encoding or 'UTF-8'}; name their encoding", field="encoding"
        ) from None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, RuntimeError) as error:
        text = str(error).replace(str(path), shown)
        raise BadFile(f"{shown} cannot be read as {kind}: {text[:300]}", field="file") from None
    fields = [str(name) for name in meta["fields"]]
    geometries = wkb if wkb is not None else [None] * (len(columns[0]) if columns else 0)
    features = []
    for index, binary in enumerate(geometries):
        properties = {name: _plain(column[index]) for name, column in zip(fields, columns, strict=True)}
        features.append(_flat(_feature(index + 1, properties, binary)))
    notes = [Remark("gdal", str(w.message).replace(str(path), shown)[:300]) for w in said]
    raw = _Raw(features, meta["crs"], fields, list(dict.fromkeys(notes)))
    raw.layer = None if kind == "Shapefile" else chosen
    return raw


def _choose_layer(path: Path, shown: str, layer: str | None) -> str:
    layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    spatial = [name for name, kind in layers.items() if kind is not None]
    if not spatial:
        raise BadFile(f"{shown} holds no layer with geometries", field="file")
    if (layer is None and len(spatial) > 1) or (layer is not None and layer not in spatial):
        raise BadFile(f"{shown} holds the layers {', '.join(spatial)}; name one of them", field="layer")
    return layer or spatial[0]


def _feature(number: int, properties: dict[str, Any], binary: bytes | None) -> Feature:
    if binary is None:
        return Feature(number, properties, None, (Remark("empty", "there is no geometry", refuses=True),))
    try:
        return Feature(number, properties, shapely.from_wkb(binary))
    except shapely.errors.GEOSException as error:
        text = f"the geometry cannot be read: {str(error).removeprefix('IllegalArgumentException: ')}"
        return Feature(number, properties, None, (Remark("unreadable", text, refuses=True),))


def _flat(feature: Feature) -> Feature:
    """Without heights that are all zero, which KML and some programs write for want of any."""
    geometry = feature.geometry
    if geometry is None or not shapely.has_z(geometry):
        return feature
    heights = shapely.get_coordinates(geometry, include_z=True)[:, 2]
    if np.any(heights[np.isfinite(heights)] != 0):
        return feature
    return Feature(feature.number, feature.properties, shapely.force_2d(geometry), feature.remarks)


def _plain(value: Any) -> Any:
    """A field's value as JSON knows it; a whole number that GDAL had to hold as a float is whole again."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
