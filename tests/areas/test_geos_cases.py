"""The point/area cases of GEOS's own test suite, true through our SQL and through the in-process index."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path

import shapely

from gridmap.areas import store
from gridmap.areas.model import NewArea
from gridmap.geometry.locator import Locator

DAY = date(2023, 1, 1)
SCALE = 1_000  # the cases' coordinates go to some hundreds; degrees do not


def cases(shared_data: Path) -> list[tuple[str, shapely.Geometry, shapely.Geometry, bool]]:
    """(description, points, area, whether the area covers them all)."""
    found = []
    for case in ElementTree.parse(shared_data / "geos" / "TestRelatePA.xml").getroot().iter("case"):
        expected = {op.get("name"): op.text.strip() == "true" for op in case.iter("op")}
        points, area = (shapely.from_wkt(case.findtext(tag)) for tag in "ab")
        if area.geom_type in ("Polygon", "MultiPolygon") and area.is_valid and "coveredBy" in expected:
            scaled = [shapely.transform(g, lambda xy: xy / SCALE) for g in (points, area)]
            found.append((case.findtext("desc"), *scaled, expected["coveredBy"]))
    return found


def test_covers_is_as_geos_says(connection, jurisdiction, shared_data) -> None:
    found = cases(shared_data)
    assert len(found) >= 20
    assert {covered for *_, covered in found} == {True, False}
    made = [NewArea(f"{n:03}", desc, area) for n, (desc, _, area, _) in enumerate(found)]
    for n, (desc, points, area, covered) in enumerate(found):
        kind = "grid"
        with connection.begin_nested() as savepoint:
            store.add_edition(
                connection,
                jurisdiction.code,
                kind,
                [made[n]],
                file_name="geos",
                sha256="0" * 64,
                loaded_by="test",
                valid_from=None,
            )
            each = shapely.get_coordinates(points)
            in_sql = all(
                store.covering(connection, jurisdiction.code, kind, x, y, DAY) is not None for x, y in each
            )
            savepoint.rollback()
        in_process = bool((Locator([area], ["0"]).covers(each[:, 0], each[:, 1]) == 0).all())
        assert in_sql == covered, f"SQL: {desc}"
        assert in_process == covered, f"in process: {desc}"
