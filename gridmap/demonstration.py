"""Loading the demonstration district of geodata/ through the same doors as anybody's files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gridmap.areas import loading as area_files
from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.backdrop import loading as backdrop_files
from gridmap.database.sessions import Database
from gridmap.errors import Conflict, NotFound
from gridmap.people import loading as people_files
from gridmap.people import store as people
from gridmap.people.accounts import Trial, add_demonstration
from gridmap.places import loading as place_files
from gridmap.reports import files as report_files
from gridmap.reports.reading import Reading
from gridmap.works import loading as work_files
from gridmap.works import store as works

JURISDICTION = Jurisdiction(
    "610602006", "新城街道", "Xincheng Subdistrict", "Asia/Shanghai", illustrative=True
)
KINDS = ("subdistrict", "community", "grid", "compound", "building")
FILES = {"community": "communities"}  # the others are the kind and an s, but for the subdistrict
LOADED_BY = "demonstration"
TRIALS = (
    Trial("demo.administrator", "administrator", None, "示例管理员(演示账号)"),
    Trial("demo.office", "office", None, "示例街道办(演示账号)"),
    Trial("demo.community", "community", "SQ07", "示例社区干部(演示账号)"),
    Trial("demo.squad", "department", "CG01", "示例城管执法中队(演示账号)"),
    Trial("demo.market", "department", "SJ01", "示例市场监管所(演示账号)"),
    Trial("demo.property", "department", "WY01", "示例物业(演示账号)"),
    Trial("demo.chief", "member", "WGZ11", "示例网格长(演示账号)"),
    Trial("demo.member", "member", "WGY15", "示例网格员(演示账号)"),
)


PEOPLE = {
    "parties.csv": people_files.import_parties,
    "people.csv": people_files.import_people,
    "duties.csv": people_files.import_duties,
}


def folder() -> Path:
    """geodata/district beside the package. Raises NotFound where only the package was installed."""
    found = Path(__file__).parent.parent / "geodata" / "district"
    if not found.is_dir():
        raise NotFound(f"the demonstration district is not at {found}; run from a clone of the repository")
    return found


def unfinished(database: Database) -> bool:
    """Whether a start may load the demonstration: into an empty database, or on where a load was killed.

    Never into a district of somebody's own, whatever its code: there must be nothing but the illustrative
    jurisdiction and what the demonstration itself loaded. Its works are the last file; one that was loaded
    before there were people is not finished either.
    """
    with database.reading() as connection:
        known = areas.jurisdictions(connection)
        if known != [JURISDICTION]:
            return not known
        if any(e.loaded_by != LOADED_BY for e in areas.editions(connection, JURISDICTION.code)):
            return False
        finished = works.works(connection, JURISDICTION.code, limit=1)
        return not (finished and people.persons(connection, JURISDICTION.code))


def load(database: Database, say: Callable[[str], None] = lambda step: None) -> None:
    """Load areas, backdrop, places, people, reports and works of the demonstration; nothing if it is there.

    Each file is one transaction and the same file again adds nothing, so a load that was killed goes on.
    Raises Conflict when a real district has the demonstration's code.
    """
    source = folder()
    with database.writing() as connection:
        known = {j.code: j for j in areas.jurisdictions(connection)}
        if JURISDICTION.code not in known:
            areas.add_jurisdiction(connection, JURISDICTION)
        elif not known[JURISDICTION.code].illustrative:
            raise Conflict(
                f"{JURISDICTION.code} is a real district here; the demonstration needs a database of its own",
                field="jurisdiction",
            )
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
        place_files.import_file(connection, JURISDICTION, source / "places.csv", datum="wgs84")
    say("people and duties")
    for file, import_file in PEOPLE.items():
        with database.writing() as connection:
            import_file(connection, JURISDICTION, source / file, by=LOADED_BY)
    with database.writing() as connection:
        add_demonstration(connection, JURISDICTION, TRIALS)
    say("reports")
    report_files.import_file(
        database,
        JURISDICTION,
        source / "reports.csv",
        Reading(datum="wgs84"),
        loaded_by=LOADED_BY,
    )
    say("work records")
    with database.adding.writing() as connection:
        work_files.import_file(connection, JURISDICTION, source / "works.csv", datum="wgs84")
