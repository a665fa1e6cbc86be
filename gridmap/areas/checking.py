"""The check of an area file before anything of it is stored. Pure: a layer in, a report out.

What refuses and what warns. A file is refused when loading it would make an answer wrong or ambiguous; what
is merely unlovely, or a matter for the surveyor, is warned and loaded.

    refused  no geometry, not a polygon, not mendable within 0.1 % of its area (geometry.shapes.examine)
    refused  code or name empty, too long, or with control characters; a code twice
    refused  a code against the rule that was named
    refused  two grids, communities or subdistricts overlap by over 0.1 % of the smaller, or 1,000 m²:
             people there would not know whose they are
    warned   they overlap by less: a slip of the pen, for which the rule of the smallest code is enough
    warned   two compounds or buildings overlap: they are drawn by hand and the smallest code decides
    warned   a gap between grids, communities or subdistricts: reports there are placed on the nearest
    refused  the parent is not known (checked when its kind is loaded); over half lies outside the parent
    warned   part of it lies outside the parent: two surveys seldom agree to the metre
    warned   no parent named where a parent field was; serials that run against west-east, north-south
    warned   mended rings, ring order (GeoJSON), repeated nodes, dropped heights, and what the reader said

Compounds and buildings do not tile their parents, so gaps between them mean nothing. Float noise on shared
edges is neither overlap nor gap (geometry.partition says where noise ends).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely

from gridmap.areas import codes
from gridmap.areas.model import AreaVersion, NewArea
from gridmap.areas.verdicts import CheckReport, Finding, Severity, Verdict
from gridmap.errors import BadInput
from gridmap.geometry import partition
from gridmap.geometry.shapes import area_m2, examine, metric_crs
from gridmap.text import flaw, printable, texts
from gridmap.vectors import Feature, Layer

CODE_LIMIT = 64  # characters
NAME_LIMIT = 200
TEXT_LIMIT = 100_000  # of any other property
OVERLAP_SHARE = 0.001  # of the smaller of two areas; as much as a repair may change
OVERLAP_M2 = 1_000.0
TILING = ("subdistrict", "community", "grid")
PARENT_KINDS: dict[str, tuple[str, ...]] = {
    "subdistrict": (),
    "community": ("subdistrict",),
    "grid": ("community",),
    "compound": ("community",),
    "building": ("compound", "community"),
}


@dataclass(frozen=True, slots=True)
class FieldNames:
    """Which fields of the file hold code, name and parent's code; None: not there."""

    code: str | None
    name: str | None
    parent: str | None


def choose_fields(
    layer: Layer, code: str | None, name: str | None, parent: str | None, *, needed: bool
) -> FieldNames:
    """The fields that were named, else those called code, name and parent where the file has them.

    `needed`: without code and name there is nothing to load. Raises BadInput listing the file's fields.
    """
    chosen: dict[str, str | None] = {}
    listed = printable(", ".join(layer.fields)) or "none"
    for role, given in (("code", code), ("name", name), ("parent", parent)):
        chosen[role] = given or (role if role in layer.fields else None)
        if given is not None and given not in layer.fields:
            raise BadInput(
                f"{layer.file_name} has no field {given!r}; it has: {listed}", field=f"{role}_field"
            )
        if needed and role != "parent" and chosen[role] is None and layer.features:
            raise BadInput(
                f"say which field of {layer.file_name} holds the {role}; it has: {listed}",
                field=f"{role}_field",
            )
    return FieldNames(**chosen)


def check_layer(
    layer: Layer,
    *,
    kind: str,
    fields: FieldNames,
    code_rule: str | None = None,
    jurisdiction: str | None = None,
    parents: Sequence[AreaVersion] | None = None,
) -> CheckReport:
    """Judge every feature of a layer, and the layer as a whole.

    `parents`: boundaries of the parent kinds as they are loaded; None or empty: parents are not checked.
    Without a code field only geometries are judged. Raises BadInput for a code rule that does not apply.
    """
    codes.check_rule(code_rule, kind)
    if not PARENT_KINDS[kind]:
        fields = replace(fields, parent=None)
    found: list[Finding] = [
        Finding("refused" if note.refuses else "warned", note.code, note.message) for note in layer.notes
    ]
    if not layer.features:
        found.append(Finding("refused", "no_features", "the file holds no features"))
    rows = [_examine(feature, layer, fields, found) for feature in layer.features]
    if fields.code is not None:
        found += _duplicates(rows)
    if code_rule is not None and fields.code is not None:
        found += _against_rule(rows, kind, jurisdiction)
    found += _siblings(rows, kind)
    if parents:
        found += _families(rows, parents, kind)
    return CheckReport(
        layer.file_name,
        layer.sha256,
        layer.format,
        layer.name,
        layer.crs,
        layer.encoding,
        kind,
        {"code": fields.code, "name": fields.name, "parent": fields.parent},
        _rules(kind, fields, code_rule, parents),
        tuple(found),
        _verdicts(rows, found),
        tuple(
            NewArea(row.code or "", row.name or "", row.geometry, row.parent, row.properties)
            for row in rows
            if row.geometry is not None
        ),
        tuple(row.number for row in rows if row.repaired),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    code: str | None
    name: str | None
    parent: str | None
    geometry: Any
    properties: dict[str, Any]
    repaired: bool

    @property
    def shown(self) -> str:
        return f"feature {self.number}" + (f" ({self.code})" if self.code else "")


# --- one feature


def _examine(feature: Feature, layer: Layer, fields: FieldNames, found: list[Finding]) -> _Row:
    number = (feature.number,)
    for remark in feature.remarks:
        severity: Severity = "refused" if remark.refuses else "warned"
        found.append(Finding(severity, remark.code, remark.message, number))
    geometry, repaired = None, False
    if feature.geometry is not None:
        order = "rfc7946" if layer.format == "GeoJSON" else "any"
        examined = examine(feature.geometry, ring_order=order)  # type: ignore[arg-type]
        geometry, repaired = examined.geometry, examined.repaired and examined.geometry is not None
        for index, problem in enumerate(examined.problems, 1):
            refuses = examined.verdict == "refused" and index == len(examined.problems)
            found.append(
                Finding(
                    "refused" if refuses else "warned",
                    problem.code,
                    problem.message,
                    number,
                    problem.lon,
                    problem.lat,
                )
            )
    code = _label(feature, fields.code, "code", CODE_LIMIT, found)
    name = _label(feature, fields.name, "name", NAME_LIMIT, found)
    parent = _label(feature, fields.parent, "parent", CODE_LIMIT, found)
    used = {fields.code, fields.name, fields.parent}
    rest = {key: value for key, value in feature.properties.items() if key not in used}
    for path, text in texts(rest):
        if reason := flaw(text, limit=TEXT_LIMIT, lines=True):
            found.append(
                Finding("refused", "text", f"property {printable(path) or 'name'!r} {reason}", number)
            )
            break
    return _Row(feature.number, code, name, parent, geometry, rest, repaired)


def _label(feature: Feature, field: str | None, role: str, limit: int, found: list[Finding]) -> str | None:
    """The text of code, name or parent; findings where it is unusable."""
    if field is None:
        return None
    value = feature.properties.get(field)
    if isinstance(value, bool | dict | list):
        found.append(Finding("refused", role, f"{field} is not a text or number", (feature.number,)))
        return None
    text = "" if value is None else str(value).strip()
    if not text:
        hint = "; name the code's field to use codes as names" if role == "name" else ""
        severity: Severity = "warned" if role == "parent" else "refused"
        found.append(Finding(severity, f"no_{role}", f"{field} is empty{hint}", (feature.number,)))
        return None
    if reason := flaw(text, limit=limit):
        found.append(Finding("refused", role, f"{field} {reason}", (feature.number,)))
        return None
    return text


# --- all features together


def _duplicates(rows: Sequence[_Row]) -> list[Finding]:
    numbers: dict[str, list[int]] = {}
    for row in rows:
        if row.code:
            numbers.setdefault(row.code, []).append(row.number)
    return [
        Finding("refused", "duplicate_code", f"{len(same)} features have the code {code}", tuple(same))
        for code, same in numbers.items()
        if len(same) > 1
    ]


def _against_rule(rows: Sequence[_Row], kind: str, jurisdiction: str | None) -> list[Finding]:
    found = []
    communities: dict[str, list[_Row]] = {}
    for row in rows:
        if row.code is None:
            continue
        reason = codes.code_flaw(row.code, kind, jurisdiction=jurisdiction, parent=row.parent)
        if reason:
            found.append(Finding("refused", "code_rule", reason, (row.number,)))
        elif kind == "grid" and row.geometry is not None:
            communities.setdefault(row.code[:12], []).append(row)
    for members in communities.values():
        pairs = codes.out_of_order([m.code or "" for m in members], [m.geometry for m in members])
        for earlier, later in pairs:
            text = f"{members[later].code} lies north-west of {members[earlier].code}, but has a later serial"
            found.append(Finding("warned", "serial_order", text, (members[later].number,)))
    return found


def _siblings(rows: Sequence[_Row], kind: str) -> list[Finding]:
    drawn = [row for row in rows if row.geometry is not None]
    if len(drawn) < 2:
        return []
    shapes = [row.geometry for row in drawn]
    crs = _crs_of(shapes)
    whole = area_m2(shapes)
    found = []
    for overlap in partition.overlaps(shapes, crs=crs):
        smaller = min(whole[overlap.left], whole[overlap.right])
        grave = kind in TILING and overlap.area_m2 > min(OVERLAP_SHARE * smaller, OVERLAP_M2)
        severity: Severity = "refused" if grave else "warned"
        left, right = drawn[overlap.left], drawn[overlap.right]
        text = f"{left.shown} and {right.shown} overlap by {_area(overlap.area_m2)}"
        numbers = (left.number, right.number)
        found.append(Finding(severity, "overlap", text, numbers, overlap.lon, overlap.lat, overlap.area_m2))
    if kind in TILING:
        for gap in partition.gaps(shapes, crs=crs):
            text = f"{_area(gap.area_m2)} between them belong to none"
            found.append(Finding("warned", "gap", text, (), gap.lon, gap.lat, gap.area_m2))
    return found


def _families(rows: Sequence[_Row], parents: Sequence[AreaVersion], kind: str) -> list[Finding]:
    index = {parent.code: i for i, parent in reversed(list(enumerate(parents)))}
    found = []
    children = []
    for row in rows:
        if row.parent is None:
            continue
        if row.parent not in index:
            text = f"its parent {row.parent} is no loaded {' or '.join(PARENT_KINDS[kind])}"
            found.append(Finding("refused", "unknown_parent", text, (row.number,)))
        elif row.geometry is not None:
            children.append(row)
    if not children:
        return found
    shapes = [row.geometry for row in children]
    strays = partition.outside_parent(
        shapes,
        [index[row.parent or ""] for row in children],
        [parent.geometry for parent in parents],
        crs=_crs_of(shapes),
    )
    whole = area_m2(shapes)
    for stray in strays:
        row = children[stray.child]
        share = stray.area_m2 / whole[stray.child]
        text = f"{_area(stray.area_m2)} ({share:.1%}) of it lie outside its parent {row.parent}"
        severity: Severity = "refused" if share > 0.5 else "warned"
        found.append(
            Finding(severity, "outside_parent", text, (row.number,), stray.lon, stray.lat, stray.area_m2)
        )
    return found


def _crs_of(shapes: Sequence[Any]) -> Any:
    west, south, east, north = shapely.total_bounds(list(shapes)).tolist()
    return metric_crs((west + east) / 2, (south + north) / 2)


def _area(square_metres: float) -> str:
    return f"{square_metres:,.0f} m²" if square_metres >= 100 else f"{square_metres:.3g} m²"


def _verdicts(rows: Sequence[_Row], found: Sequence[Finding]) -> tuple[Verdict, ...]:
    by_number: dict[int, list[Finding]] = {row.number: [] for row in rows}
    for finding in found:
        for number in finding.numbers:
            by_number[number].append(finding)
    verdicts = []
    for row in rows:
        own = tuple(by_number[row.number])
        severities = {finding.severity for finding in own}
        worst = "refused" if "refused" in severities else "warned" if severities else "accepted"
        verdicts.append(Verdict(row.number, row.code, row.name, worst, own))  # type: ignore[arg-type]
    return tuple(verdicts)


def _rules(
    kind: str, fields: FieldNames, code_rule: str | None, parents: Sequence[AreaVersion] | None
) -> dict[str, str]:
    """What this check does about the things that depend on kind and options; part of the report."""
    tiles = kind in TILING
    unchecked = "not checked"
    if not PARENT_KINDS[kind]:
        family = f"{unchecked}: a {kind} has no parent here"
    elif fields.parent is None:
        family = f"{unchecked}: no parent field"
    elif not parents:
        family = f"{unchecked}: no {' or '.join(PARENT_KINDS[kind])} is loaded"
    else:
        family = "unknown parent refused; outside it warned, refused over half"
    return {
        "codes": "empty or doubled refused" if fields.code else f"{unchecked}: no code field",
        "code_rule": f"{code_rule}: refused" if code_rule else f"{unchecked}: none named",
        "overlap": "refused over 0.1 % or 1,000 m², else warned" if tiles else "warned",
        "gap": "warned" if tiles else f"{unchecked}: {kind}s do not tile the ground",
        "parent": family,
    }
