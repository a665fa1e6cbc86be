"""`/inspections`: 三排查, how far each plan is covered, what is due, and which buildings nobody looks at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from gridmap.areas.atlas import Atlas
from gridmap.backdrop import store as backdrop
from gridmap.cases.inspections import store, tally
from gridmap.cases.inspections.model import INSPECTORS, Plan
from gridmap.cases.inspections.rounds import Blind, Round
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf
from gridmap.faces.pages.inspection_map import LOOKS, drawn
from gridmap.faces.pages.maps import asked_of, remembering
from gridmap.faces.pages.rendering import page
from gridmap.faces.requests import PageRoute
from gridmap.faces.rest.inspections import in_sight
from gridmap.maps.basemaps import from_settings
from gridmap.maps.district import entrance, language, navigation
from gridmap.maps.page import script_json
from gridmap.maps.words import LANGUAGES, titled, words

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/inspections"
DUE_MOST = 100
# what the script says
SAID = ("look_blind", "look_due", "look_covered", "zoom_in", "zoom_out", "whole")


@dataclass(frozen=True, slots=True)
class Line:
    """A plan, or something that is due: its words by column; `share`: of what is covered."""

    words: tuple[str, ...]
    share: float = 0.0
    late: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A grid with buildings that no plan covers."""

    name: str
    count: str
    share: float
    buildings: tuple[str, ...]


@router.get(PATH)
def inspections(
    request: Request, service: ServiceOf, lang: Language, jurisdiction: JurisdictionCode = None
) -> Response:
    """As of today, what lies in the sight of whoever looks."""
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    owner, links = held.jurisdiction, asked.links(PATH)
    today = owner.today()
    with service.database.reading() as connection:
        plans = store.plans(connection, owner.code)
        found, blind = in_sight(connection, service, owner, held.atlas, today)
        traces = backdrop.backdrop(connection, owner.code) if plans else []
    basemap = from_settings(service.settings)
    mapped = drawn(found, blind, held.atlas, today, traces, lang, basemap) if plans else None
    due = [each for each in found if not each.standing.covered]
    answer = page(
        request.scope,
        "inspections.html",
        words=words(lang),
        name=titled(owner.name, owner.name_en, lang),
        illustrative=owner.illustrative,
        pages=navigation(links, "inspections", lang),
        language=language(links, lang),
        entrance=entrance(links),
        lead=words(lang)["inspections_lead"].format(day=today.isoformat()),
        plans=[_plan(each, found, lang) for each in plans],
        due=[_due(each, today, lang) for each in due[:DUE_MOST]],
        due_all=len(due),
        mapped=Markup(script_json(mapped)) if mapped else None,
        shown=json.dumps({key: words(lang)[key] for key in SAID}, ensure_ascii=False),
        legend=[(look, words(lang)[f"look_{look}"], f"{mapped['counts'][look]:,}") for look in LOOKS]
        if mapped
        else [],
        spots=[_spot(each, held.atlas, today, lang) for each in blind if each.uncovered] if plans else [],
    )
    return remembering(request, answer)


def _plan(plan: Plan, found: list[Round], lang: str) -> Line:
    text, number = words(lang), tally((each.standing for each in found), plan.code)
    return Line(
        (
            plan.name,
            INSPECTORS[plan.inspector][LANGUAGES.index(lang)],
            text["plan_days"].format(n=plan.every_days),
            text["plan_of"].format(**number),
            f"{number['trouble']:,}",
        ),
        number["covered"] / number["targets"] if number["targets"] else 1.0,
    )


def _due(each: Round, today: date, lang: str) -> Line:
    text, last = words(lang), each.standing.last
    over = (today - each.due).days if each.due else None
    grid = each.target.areas.get("grid")
    return Line(
        (
            each.target.name or each.target.code,
            grid.name if grid else "",
            each.plan.name,
            last.isoformat() if last else text["never"],
            text["due_since_ever"] if over is None else text["overdue_days"].format(n=over) if over else "",
        ),
        late=over is None or over > 0,
    )


def _spot(each: Blind, atlas: Atlas, today: date, lang: str) -> Spot:
    text, sheet = words(lang), atlas.sheet("grid", today)
    name = text["in_no_grid"]
    if each.grid is not None and sheet is not None:
        name = sheet.versions[sheet.row_of_code[each.grid]].name
    left = len(each.uncovered)
    return Spot(
        name,
        text["blind_count"].format(n=f"{left:,}", all=f"{each.buildings:,}"),
        left / each.buildings,
        tuple(target.name or target.code for target in each.uncovered),
    )
