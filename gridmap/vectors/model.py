"""Values of a vector file that was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the reader has to say: a code for programs and a sentence. `refuses`: it makes the
    feature unusable."""

    code: str
    message: str
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature. `number` counts from 1. `properties` are JSON values. `geometry` is EPSG:4326, lon then
    lat, unrounded, possibly invalid; None where there is none or a remark refuses it."""

    number: int
    properties: dict[str, Any]
    geometry: BaseGeometry | None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a file. `crs` names what its coordinates were in before they became EPSG:4326."""

    file_name: str
    sha256: str
    format: str
    name: str | None
    crs: str
    encoding: str | None
    fields: tuple[str, ...]
    features: tuple[Feature, ...]
    notes: tuple[Remark, ...] = field(default=())
