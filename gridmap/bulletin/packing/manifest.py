"""The manifest: what a package was made from, and the sum of every file in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gridmap.areas.model import Edition
from gridmap.bulletin.packing.layers import Layer
from gridmap.bulletin.packing.model import SOFTWARE, sha256
from gridmap.bulletin.packing.tables import Table
from gridmap.bulletin.printed import Printed


def manifest(
    shown: Printed,
    edition: Edition,
    tables: Sequence[Table],
    layers: Sequence[Layer],
    files: Mapping[str, bytes],
    *,
    lang: str,
) -> dict[str, Any]:
    """As JSON values. Nothing in it depends on when it is made; see archive for when one was published."""
    found, heat = shown.digest, shown.digest.heat
    return {
        "jurisdiction": {"code": heat.jurisdiction.code, "name": heat.jurisdiction.name},
        "illustrative": heat.illustrative,
        "month": f"{heat.month:%Y-%m}",
        "time_zone": heat.time_zone,
        "lang": lang,
        "edition": {
            "id": edition.id,
            "valid_from": _text(edition.valid_from),
            "areas": edition.area_count,
            "file": edition.file_name,
            "sha256": edition.sha256,
        },
        "filters": {
            "category": heat.category.code if heat.category else None,
            "counted_by": heat.kind,
            "recut_to_edition": found.recut,
            "private_left_out_by_area": shown.private,
            "in_doubt_left_out_of_surface": dict(found.difference.reports),
            "hot_spots": {
                "permutations": found.hot.permutations,
                "level": found.hot.level,
                "seed": found.hot.seed,
            },
        },
        "as_of": _text(found.as_of),
        "data_until": _text(found.data_until),
        "reports": heat.total,
        "tables": {table.key: len(table.rows) for table in tables},
        "layers": {layer.name: len(layer.rows) for layer in layers},
        "software": SOFTWARE,
        "files": [{"name": name, "bytes": len(body), "sha256": sha256(body)} for name, body in files.items()],
    }


def as_bytes(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode()


def _text(moment: date | None) -> str | None:
    return None if moment is None else moment.isoformat()
