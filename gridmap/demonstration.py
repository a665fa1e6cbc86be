"""Loading the demonstration district of geodata/ through the same doors as anybody's files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gridmap.areas import loading as area_files
from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.backdrop import loading as backdrop_files
from gridmap.database.sessions import Database
from gridmap.errors import NotFound
from gridmap.places import loading as place_files
from gridmap.reports import files as report_files
from gridmap.works import loading as work_files

JURISDICTION = Jurisdiction(
    "610602006", "新城街道", "Xincheng Subdistrict", "Asia/Shanghai", illustrative=True
)
KINDS = ("subdistrict", "community", "grid", "compound", "building")
FILES = {"community": "communities"}  # the others are the kind and an s, but for the subdistrict
LOADED_BY = "demonstration"


def folder() -> Path:
    """geodata/district beside the package. Raises NotFound where only the package was installed."""
    found = Path(__file__).parent.parent / "geodata" / "district"
    if not found.is_dir():
        raise NotFound(f"the demonstration district is not at {found}; run from a clone of the repository")
    return found


def load(database: Database, say: Callable[[str], None] = lambda step: None) -> None:
    """Load areas, backdrop, places, reports and works of the demonstration; nothing if it is there already.

    Each file is one transaction and the same file again adds nothing, so a load that was killed goes on.
    """
    source = folder()
    with database.writing() as connection:
        if JURISDICTION.code not in {j.code for j in areas.jurisdictions(connection)}:
            areas.add_jurisdiction(connection, JURISDICTION)
    for kind in KINDS:
        say(f"areas: {kind}")
        name = "subdistrict" if kind == "subdistrict" else FILES.get(kind, f"{kind}s")
        with database.writing() as connection:
            area_files.import_file(
                connection,
                JURISDICTION,
                source / f"{name}.geojson",
                kind=kind,
                code_field="code",
                name_field="name",
                parent_field="parent",
                loaded_by=LOADED_BY,
            )
    say("backdrop and places")
    with database.writing() as connection:
        backdrop_files.import_file(connection, JURISDICTION, source / "backdrop.geojson")
    with database.writing() as connection:
        place_files.import_file(
            connection, JURISDICTION, source / "places.csv", datum="wgs84", loaded_by=LOADED_BY
        )
    say("reports")
    report_files.import_file(
        database,
        JURISDICTION,
        source / "reports.csv",
        report_files.Reading(datum="wgs84"),
        loaded_by=LOADED_BY,
    )
    say("work records")
    with database.writing() as connection:
        work_files.import_file(connection, JURISDICTION, source / "works.csv", datum="wgs84")
