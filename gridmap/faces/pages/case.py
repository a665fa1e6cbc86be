"""`/cases/{id}`: one case whole, and what whoever looks may do with it now (static/case.js sends that)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from gridmap.backdrop import store as backdrop
from gridmap.cases import correcting, listing, store
from gridmap.cases.acting import actor_of
from gridmap.cases.listing import View
from gridmap.cases.model import FINDINGS
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf
from gridmap.faces.pages.case_map import drawn
from gridmap.faces.pages.case_parts import (
    clock_seen,
    correctable,
    move_seen,
    offers,
    others_seen,
    posts_filled,
    reports_seen,
    task_seen,
)
from gridmap.faces.pages.case_words import LOOKS, MILESTONES, Speaker, short
from gridmap.faces.pages.desk import PATH as DESK
from gridmap.faces.pages.desk import flags
from gridmap.faces.pages.maps import Asked, asked_of, remembering
from gridmap.faces.pages.rendering import page
from gridmap.faces.recipients import recipients
from gridmap.faces.requests import PageRoute
from gridmap.faces.shapes.values import an_id
from gridmap.maps.basemaps import from_settings
from gridmap.maps.district import entrance, language, navigation
from gridmap.maps.page import script_json
from gridmap.maps.words import refusals, titled, words
from gridmap.reports import store as reports

router = APIRouter(include_in_schema=False, route_class=PageRoute)

# what the scripts say
SAID = (
    *refusals.WORDS,
    *("live_lost", "case_changed", "proposal", "proposal_none", "then_to", "by_rule", "point_chosen"),
    *("photo_of", "point_first", "zoom_in", "zoom_out", "whole"),
)


@router.get("/cases/{id}")
def case(
    id: str, request: Request, service: ServiceOf, lang: Language, jurisdiction: JurisdictionCode = None
) -> Response:
    """The page of a case. 404 for one that there is not, or that whoever asks may not see."""
    wanted = an_id(id, "case")
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    owner, now = held.jurisdiction, datetime.now(UTC)
    assert service.asker is not None
    with service.database.reading() as connection:
        view = listing.one(connection, owner, service.settings, wanted, now)
        actor = actor_of(connection, service.asker, owner.today())
        known = {each.code: each for each in reports.categories(connection, owner.code)}
        speaker = Speaker(lang, owner, now, recipients(connection, service, owner), known)
        references = store.reports_of(connection, wanted)
        seen = reports.by_ids(connection, owner.code, references)
        here = [seen[id_] for id_, _ in references if id_ in seen]
        told = listing.told(connection, owner, [each.id for each in here])
        others = others_seen(connection, owner, view, speaker, asked)
        traces = backdrop.backdrop(connection, owner.code)
    parties, links = speaker.names.parties, asked.links(f"/cases/{wanted}")
    mapped = drawn(held.atlas, owner.today(), view.case, here, traces, lang, from_settings(service.settings))
    answer = page(
        request.scope,
        "case.html",
        words=words(lang),
        name=titled(owner.name, owner.name_en, lang),
        illustrative=owner.illustrative,
        pages=navigation(links, "desk", lang),
        language=language(links, lang),
        entrance=entrance(links),
        **_head(view, speaker, asked),
        reports=reports_seen(here, told, speaker),
        tasks=[task_seen(each, view.clocks, speaker) for each in view.standing.tasks],
        disagree=view.standing.disagree,
        unsettled=view.standing.state in ("handling", "answered"),
        clocks=[clock_seen(each, speaker) for each in view.clocks],
        history=[move_seen(each, speaker) for each in view.history],
        others=others,
        offers=offers(view, actor, speaker),
        may_correct=bool(actor.roles & correcting.MAY) and correctable(view),
        findings=[(code, speaker.finding(code)) for code in FINDINGS],
        parties=[(f"party:{code}", speaker.recipient(f"party:{code}")) for code in parties],
        posts=posts_filled(view, speaker),
        categories=[(code, speaker.category(code)) for code in known],
        mapped=Markup(script_json(mapped)) if mapped else None,
        shown=json.dumps({key: words(lang)[key] for key in SAID}, ensure_ascii=False),
    )
    return remembering(request, answer)


def _head(view: View, speaker: Speaker, asked: Asked) -> dict[str, Any]:
    """What stands at the top of the page."""
    file, clock = view.case, view.next_clock
    merged = None if file.merged_into is None else asked.url(f"/cases/{file.merged_into}")
    return {
        "desk_url": asked.url(DESK),
        "changes_url": asked.url(f"{DESK}/changes", lang=None),
        "case": file,
        "number": short(file),
        "title": speaker.category(file.category),
        "state": speaker.state(file.state),
        "look": LOOKS.get(file.state, "over"),
        "flags": flags(view, speaker),
        "place": speaker.place(file),
        "opened": speaker.moment(file.opened_at),
        "term": speaker.term(clock) if clock else None,
        "milestone": speaker.word(MILESTONES[clock.milestone]) if clock else "",
        "in_hand": [speaker.recipient(token) for token in view.in_hand],
        "merged": merged,
    }
