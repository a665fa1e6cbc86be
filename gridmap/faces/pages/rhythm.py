"""`/maps/rhythm`: a month around places, its hours, campaigns and services. What is on it: gridmap.maps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import HTMLResponse

from gridmap.backdrop import store as backdrop
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf
from gridmap.faces.pages.campaigns import Months, SentEffort, panel
from gridmap.faces.pages.maps import VENDOR, Asked, areas_of, asked_of, remembering, titled_of
from gridmap.faces.requests import PageRoute
from gridmap.maps.basemaps import from_settings
from gridmap.maps.district import in_order
from gridmap.maps.efforts import services_panel
from gridmap.maps.page import Link
from gridmap.maps.rhythm import rhythm_page
from gridmap.maps.words import titled
from gridmap.reports.model import Category
from gridmap.reports.store import categories
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.digests.model import RELATED
from gridmap.statistics.digests.places import around_kind, related_kinds
from gridmap.statistics.efforts.services import services
from gridmap.statistics.months import last_day, month_text, next_month, parse_month

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/maps/rhythm"
FIRST_KIND = "night_market"  # where the hour matters most


@router.get(PATH)
def rhythm(
    request: Request,
    service: ServiceOf,
    lang: Language,
    effort: SentEffort,
    month: Annotated[str | None, Query()] = None,
    kind: Annotated[str | None, Query()] = None,
    category: Annotated[str | None, Query()] = None,
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """A month around one kind of place; without a month the last one with a report."""
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    owner, kind, category = held.jurisdiction, kind or FIRST_KIND, category or None
    first_day = parse_month(month) if month else None
    with service.database.reading() as connection:
        months = months_with_reports(connection, owner)
        if first_day is None:
            first_day = months[1] if months else owner.today().replace(day=1)
        end, here = last_day(first_day), month_text(first_day)
        found = around_kind(connection, owner, first_day, kind, category)
        known = categories(connection, owner.code)
        areas = areas_of(held, end)
        hidden = [*asked.kept, ("month", here), ("kind", kind)]
        efforts = panel(
            connection,
            owner,
            effort,
            first_day,
            months,
            known,
            [area for area in areas if area.kind == "community"],
            PATH,
            [*hidden, ("category", category)] if category else hidden,
            lang,
        )
        done = services(connection, owner, first_day, end)
        of_year = services(connection, owner, first_day.replace(month=1), end)
        traces = backdrop.backdrop(connection, owner.code)
    earlier, later = _neighbours(first_day, months, asked, kind, category)
    text = rhythm_page(
        titled_of(held),
        owner.illustrative,
        areas,
        traces,
        found,
        kinds={each: asked.url(PATH, month=here, kind=each) for each in in_order({*RELATED, kind})},
        categories=_menu(kind, category, known, asked, here, lang),
        all_url=asked.url(PATH, month=here, kind=kind) if kind in RELATED else None,
        prev_url=earlier,
        next_url=later,
        efforts=efforts,
        services=services_panel(done, of_year, lang),
        lang=lang,
        assets=VENDOR,
        basemap=from_settings(service.settings),
        links=asked.links(PATH, month=here, kind=kind, category=category, **effort.kept()),
    )
    return remembering(request, HTMLResponse(text))


def _neighbours(
    month: date, months: Months, asked: Asked, kind: str, category: str | None
) -> tuple[str | None, str | None]:
    """Addresses of the months before and after, as far as there are reports."""

    def address(by: int) -> str:
        return asked.url(PATH, month=month_text(next_month(month, by)), kind=kind, category=category)

    before = months is not None and months[0] < month
    after = months is not None and month < months[1]
    return address(-1) if before else None, address(1) if after else None


def _menu(
    kind: str, category: str | None, known: Sequence[Category], asked: Asked, here: str, lang: str
) -> list[Link]:
    """Each related category, and the one that was asked for beside them."""
    related = related_kinds(kind)[1] if kind in RELATED else ()
    names = {each.code: titled(each.name, each.name_en, lang) for each in known}
    return [
        Link(names[code], asked.url(PATH, month=here, kind=kind, category=code), code == category)
        for code in dict.fromkeys((*related, *([category] if category else ())))
        if code in names
    ]
