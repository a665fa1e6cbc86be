"""What the check of an area file found: findings, the verdict of every feature, the whole report. No I/O."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from gridmap.areas.model import NewArea

Severity = Literal["warned", "refused"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know. `numbers`: the features concerned, counted from 1; empty for the file as a whole.
    lon, lat: where to look (EPSG:4326); `area_m2`: how much ground it is about."""

    severity: Severity
    code: str
    message: str
    numbers: tuple[int, ...] = ()
    lon: float | None = None
    lat: float | None = None
    area_m2: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one feature."""

    number: int
    code: str | None
    name: str | None
    verdict: Literal["accepted", "warned", "refused"]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The whole check. `areas` are ready to be stored and complete only when `passed`."""

    file_name: str
    sha256: str
    format: str
    layer: str | None
    crs: str
    encoding: str | None
    kind: str
    fields: dict[str, str | None]  # which field gave code, name, parent
    rules: dict[str, str]  # code of a finding that depends on the kind -> refused, warned, not checked
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    areas: tuple[NewArea, ...]
    repaired: tuple[int, ...] = ()  # numbers of the features whose rings were invalid and could be mended

    @property
    def passed(self) -> bool:
        return not any(finding.severity == "refused" for finding in self.findings)

    @property
    def counts(self) -> dict[str, int]:
        """accepted, warned, refused -> how many features."""
        counted = Counter(verdict.verdict for verdict in self.verdicts)
        return {name: counted[name] for name in ("accepted", "warned", "refused")}

    def to_dict(self) -> dict[str, Any]:
        """Everything but the geometries, as JSON values."""
        return {
            "file": self.file_name,
            "sha256": self.sha256,
            "format": self.format,
            "layer": self.layer,
            "crs": self.crs,
            "encoding": self.encoding,
            "kind": self.kind,
            "fields": self.fields,
            "rules": self.rules,
            "passed": self.passed,
            "counts": self.counts,
            "repaired": list(self.repaired),
            "findings": [_finding(f) for f in self.findings if not f.numbers],
            "features": [
                {
                    "number": v.number,
                    "code": v.code,
                    "name": v.name,
                    "verdict": v.verdict,
                    "findings": [_finding(f) for f in v.findings],
                }
                for v in self.verdicts
            ],
        }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "features": list(finding.numbers),
        "lon": finding.lon,
        "lat": finding.lat,
        "area_m2": finding.area_m2,
    }
