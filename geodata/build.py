"""python -m geodata.build [FOLDER]: write the demonstration district, the same bytes each time."""

import sys
from pathlib import Path

from geodata.atlas import atlas
from geodata.backdrop import features
from geodata.homes import compounds_and_buildings
from geodata.people import staff
from geodata.places import places
from geodata.reports import reports
from geodata.works import works
from geodata.writing import (
    write_areas,
    write_backdrop,
    write_marked,
    write_places,
    write_reports,
    write_works,
)

FOLDER = Path(__file__).parent / "district"


def build(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    own = atlas()
    compounds, buildings = compounds_and_buildings()
    write_areas(folder / "subdistrict.geojson", [own.subdistrict])
    write_areas(folder / "communities.geojson", own.communities)
    write_areas(folder / "grids.geojson", own.grids)
    write_areas(folder / "compounds.geojson", compounds)
    write_areas(folder / "buildings.geojson", buildings)
    write_backdrop(folder / "backdrop.geojson", features())
    write_places(folder / "places.csv", places())
    people = staff()
    write_marked(folder / "parties.csv", people.parties)
    write_marked(folder / "people.csv", people.people)
    write_marked(folder / "duties.csv", people.duties)
    write_reports(folder / "reports.csv", reports())
    write_works(folder / "works.csv", works())


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
