"""The three maps: `/`, `/maps/places`, `/maps/heat`. What is on them is gridmap.maps' business."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

import shapely
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from gridmap.areas.model import AREA_KINDS, AreaVersion
from gridmap.backdrop import store as backdrop
from gridmap.backdrop.model import Trace
from gridmap.database.asker import Asker
from gridmap.faces.deps import LANGUAGE_COOKIE, JurisdictionCode, Language, ServiceOf
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.entrance.who import asker_of
from gridmap.faces.keeping.atlases import Held
from gridmap.faces.pages.menu import entrance_for, pages_for
from gridmap.faces.pages.rendering import page
from gridmap.faces.pages.trials import trials_of
from gridmap.faces.requests import PageRoute
from gridmap.faces.rest.places import kinds_of
from gridmap.faces.shapes.values import AsOf, EditionId, Include, known_at
from gridmap.maps.basemaps import from_settings
from gridmap.maps.coverage import Coverage, coverage
from gridmap.maps.district import district_page
from gridmap.maps.exports import FORMATS
from gridmap.maps.heat import heat_page
from gridmap.maps.page import Link
from gridmap.maps.places import places_page
from gridmap.maps.words import LANGUAGES, titled, words
from gridmap.places import store as places
from gridmap.places.model import PLACE_KINDS, Place
from gridmap.reports.store import categories
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.doubts import doubts_of
from gridmap.statistics.heat import month_heat
from gridmap.statistics.model import MonthHeat, Titled
from gridmap.statistics.months import month_text, next_month, parse_month

router = APIRouter(include_in_schema=False, route_class=PageRoute)

VENDOR = "/static/vendor/"
YEAR_SECONDS = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Asked:
    """What every page's address can carry on to the next one."""

    lang: str
    kept: tuple[tuple[str, str], ...]  # jurisdiction, lang, as far as they were given
    asker: Asker | None

    def url(self, path: str, **more: str | None) -> str:
        """`path` with what is kept and what is new; None takes a parameter away."""
        merged = {**dict(self.kept), **more}
        query = urlencode({name: value for name, value in merged.items() if value is not None})
        return f"{path}?{query}" if query else path

    def links(self, path: str, **own: str | None) -> dict[str, str]:
        """The pages that whoever asks may open, this one in the other language, and signing in or out."""
        other = next(lang for lang in LANGUAGES if lang != self.lang)
        return {
            **{key: self.url(to) for key, to in pages_for(self.asker).items()},
            **entrance_for(self.asker, self.url(path, **own)),
            "language": self.url(path, **{**own, "lang": other}),
        }


def asked_of(request: Request, lang: str) -> Asked:
    given = request.query_params
    kept = tuple((name, given[name]) for name in ("jurisdiction", "lang") if name in given)
    return Asked(lang, kept, asker_of(request.scope))


@router.get("/")
def district(
    request: Request, service: ServiceOf, lang: Language, jurisdiction: JurisdictionCode = None
) -> Response:
    """The district map: areas and places are public; where the chiefs are is for those who sign in."""
    several = service.atlases.jurisdictions()
    if len(several) != 1 and jurisdiction is None:
        return page(request.scope, "choose.html", jurisdictions=several)
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    day = held.jurisdiction.today()
    with service.database.reading() as connection:
        there = _places(connection, held, day)
        traces = backdrop.backdrop(connection, held.jurisdiction.code)
        trials = () if service.asker else tuple(trials_of(connection, held.jurisdiction, lang))
    people = service.rosters.signature(held.jurisdiction.code)
    key = (asked, held.jurisdiction, held.atlas.signature, people, day, _digest(there, traces), trials)
    return _html(
        request,
        service.pages.get(
            key,
            lambda: district_page(
                titled_of(held),
                held.jurisdiction.illustrative,
                areas_of(held, day),
                there,
                traces,
                lang=lang,
                assets=VENDOR,
                basemap=from_settings(service.settings),
                links=asked.links("/"),
                chiefs=_chiefs(service, held, day) if service.asker else None,
                trials=trials,
            ),
        ),
    )


@router.get("/maps/places")
def hot_spots(
    request: Request,
    service: ServiceOf,
    lang: Language,
    kind: Annotated[str | None, Query()] = None,
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """Places of one kind (or several, with commas), or all."""
    wanted = kinds_of(kind)
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    day = held.jurisdiction.today()
    with service.database.reading() as connection:
        there = _places(connection, held, day)
        traces = backdrop.backdrop(connection, held.jurisdiction.code)
    present = {place.kind for place in there}
    text = places_page(
        titled_of(held),
        held.jurisdiction.illustrative,
        areas_of(held, day),
        [place for place in there if wanted is None or place.kind in wanted],
        traces,
        kind=kind,
        kinds={each: asked.url("/maps/places", kind=each) for each in PLACE_KINDS if each in present},
        all_url=asked.url("/maps/places"),
        lang=lang,
        assets=VENDOR,
        basemap=from_settings(service.settings),
        links=asked.links("/maps/places", kind=kind),
    )
    return _html(request, text)


@router.get("/maps/heat")
def heat(
    request: Request,
    service: ServiceOf,
    lang: Language,
    month: Annotated[str | None, Query()] = None,
    category: Annotated[str | None, Query()] = None,
    jurisdiction: JurisdictionCode = None,
    include: Include = None,
    as_of: AsOf = None,
    edition: EditionId = None,
) -> Response:
    """A month's heat map; without a month the last one with a report."""
    category = category or None  # what a form's "all categories" sends
    included = doubts_of(include)
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    owner = held.jurisdiction
    moment = known_at(as_of or None, owner.zone)
    first_day = parse_month(month) if month else None
    keep = {"include": ",".join(included) or None, "as_of": as_of or None}
    keep["edition"] = None if edition is None else str(edition)
    with service.database.reading() as connection:
        if first_day is None:
            span = months_with_reports(connection, owner, moment)
            first_day = span[1] if span else owner.today().replace(day=1)
        known = categories(connection, owner.code)
    found = month_heat(
        service.database, owner, first_day, category, include=included, as_of=moment, edition=edition
    )
    here = month_text(first_day)
    everything = Link(
        words(lang)["all_categories"], asked.url("/maps/heat", month=here, **keep), category is None
    )
    choices = [
        Link(
            titled(each.name, each.name_en, lang),
            asked.url("/maps/heat", month=here, category=each.code, **keep),
            each.code == category,
        )
        for each in known
        if service.database.shows_all or not each.private
    ]
    earlier, later = _neighbours(found, asked, category=category, **keep)
    text = heat_page(
        found,
        lang=lang,
        assets=VENDOR,
        prev_url=earlier,
        next_url=later,
        categories=[everything, *choices],
        downloads={
            name.upper() if name != "geojson" else "GeoJSON": asked.url(
                "/api/v1/exports/heatmap",
                month=here,
                category=category,
                format=name,
                lang=lang,
                **keep,
            )
            for name in FORMATS
        },
        links=asked.links("/maps/heat", month=here, category=category, **keep),
        basemap=from_settings(service.settings),
        daily={"url": asked.url("/api/v1/stats/daily", month=here, category=category, lang=None)}
        if found.plain
        else None,
        choose=True,
    )
    return _html(request, text)


def _neighbours(found: MonthHeat, asked: Asked, **own: str | None) -> tuple[str | None, str | None]:
    """Addresses of the months before and after, as far as there are reports."""

    def address(by: int) -> str:
        return asked.url("/maps/heat", month=month_text(next_month(found.month, by)), **own)

    before = found.first_month is not None and found.first_month < found.month
    after = found.last_month is not None and found.month < found.last_month
    return address(-1) if before else None, address(1) if after else None


def titled_of(held: Held) -> Titled:
    return Titled(held.jurisdiction.code, held.jurisdiction.name, held.jurisdiction.name_en)


def areas_of(held: Held, day: date) -> list[AreaVersion]:
    sheets = [held.atlas.sheet(kind, day) for kind in AREA_KINDS]
    return [area for sheet in sheets if sheet for area in sheet.versions]


def _chiefs(service: Visit, held: Held, day: date) -> Coverage | None:
    """Where the three chiefs are; None before anybody's duty is recorded."""
    roster = service.rosters.of(held.jurisdiction.code)
    return coverage(areas_of(held, day), roster.held(day)) if roster.by_area else None


def _places(connection: Connection, held: Held, day: date) -> list[Place]:
    return places.places(connection, held.jurisdiction.code, day=day)


def _html(request: Request, text: str) -> Response:
    return remembering(request, HTMLResponse(text))


def remembering(request: Request, answer: Response) -> Response:
    """The answer, with a language that was asked for kept for the next page."""
    if lang := request.query_params.get("lang"):
        answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR_SECONDS, samesite="lax", httponly=True)
    return answer


def _digest(there: Sequence[Place], traces: Sequence[Trace]) -> bytes:
    """Of all that is drawn beside the areas."""
    digest = hashlib.sha256()
    for place in there:  # the repr of a long geometry is cut short
        digest.update(repr(place).encode("utf-8", "replace") + shapely.to_wkb(place.geometry))
    for kind, name, geometry in traces:
        digest.update(f"{kind}\0{name}\0".encode() + shapely.to_wkb(geometry))
    return digest.digest()
