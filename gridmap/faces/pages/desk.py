"""`/desk`: the inbox of who handles cases, and the news that has it drawn anew (static/desk.js).

Everything stands in the address, so a view can be sent to somebody else, who sees of it what they may see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases.acting import actor_of
from gridmap.cases.inbox import DUE, Numbers, numbers
from gridmap.cases.listing import View
from gridmap.cases.model import Actor
from gridmap.cases.workflow import live_states, possible, rules, states
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.pages.case_words import LOOKS, MILESTONES, Speaker, Term, short
from gridmap.faces.pages.following import following
from gridmap.faces.pages.maps import Asked, asked_of, remembering
from gridmap.faces.pages.rendering import page
from gridmap.faces.recipients import recipients
from gridmap.faces.requests import PageRoute
from gridmap.faces.shapes.case_filters import ENDED, LIVE, MINE, NEWEST, Position, Sent, SentFilter, ordered
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.values import After, moment_text
from gridmap.maps.district import entrance, language, navigation
from gridmap.maps.page import Link
from gridmap.maps.words import refusals, titled, words
from gridmap.reports import store as reports
from gridmap.reports.model import Category

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/desk"
SHOWN = 50
# moves that can be the same for many cases, in the order of their work
FOR_MANY = (
    "file",
    "refuse",
    "dispatch",
    "acknowledge",
    "check",
    "close",
    "supervise",
    "suspend",
    "resume",
    "void",
)
ORDERS = {DUE: "sort_due", NEWEST: "sort_newest", "opened_at": "sort_oldest", "-changed_at": "sort_changed"}
# what the script says
SAID = (
    *("bulk_chosen", "bulk_fit", "bulk_unfit", "bulk_needs", "bulk_done", "bulk_moved", "bulk_refused"),
    *("bulk_dismiss", "proposal", "proposal_none", "live_now", "live_lost", "live_told"),
    *refusals.WORDS,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the list shows it. `flags`: (looks, text); `moves`: what the asker may do with it now."""

    id: UUID
    number: str
    url: str
    seq: int
    category: str
    text: str
    place: str
    state: str
    look: str
    flags: tuple[tuple[str, str], ...]
    waiting: tuple[str, ...]
    milestone: str
    term: Term | None
    opened: str
    moves: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that leads to its cases; `key` is what the script tells changes by."""

    key: str
    label: str
    number: int
    url: str
    current: bool


@router.get(PATH)
def desk(
    request: Request,
    service: ServiceOf,
    lang: Language,
    sent: SentFilter,
    jurisdiction: JurisdictionCode = None,
    after: After = None,
) -> Response:
    """Cases by the filters of the address; without any those that are live, the next due first."""
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    owner, sent = held.jurisdiction, usual(sent.of_page())
    of_list = f"{PATH} {sent.sort}"
    start = position(of_list, after or None, moment_text, UUID)
    now = datetime.now(UTC)
    assert service.asker is not None
    with service.database.reading() as connection:
        actor = actor_of(connection, service.asker, owner.today())
        wanted = sent.wanted(connection, owner, actor.recipients)
        found = ordered(
            connection, owner, service, sent, wanted, now, SHOWN + 1, (start[0], start[1]) if start else None
        )
        known = {each.code: each for each in reports.categories(connection, owner.code)}
        speaker = Speaker(lang, owner, now, recipients(connection, service, owner), known)
        rows = _rows(connection, owner, found[:SHOWN], actor, speaker, asked)
        counted = numbers(
            connection,
            owner,
            service.settings,
            service.dues,
            wanted,
            now,
            mine=actor.recipients,
            overdue=sent.overdue,
        )
    more = cursor(of_list, *found[SHOWN - 1][0]) if len(found) > SHOWN else None
    return remembering(
        request,
        page(
            request.scope,
            "desk.html",
            words=words(lang),
            name=titled(owner.name, owner.name_en, lang),
            illustrative=owner.illustrative,
            pages=navigation(asked.links(PATH), "desk", lang),
            language=language(asked.links(PATH, **address(sent)), lang),
            entrance=entrance(asked.links(PATH, **address(sent))),
            hidden=[*asked.kept, ("state", sent.state)] if sent.state else [*asked.kept],
            tiles=_tiles(counted, sent, asked, speaker),
            tabs=_tabs(counted, sent, asked, speaker),
            menus=_menus(service, sent, speaker, known),
            sent=sent,
            rows=rows,
            next_url=asked.url(PATH, **address(sent), after=more) if more else None,
            first_url=asked.url(PATH, **address(sent)) if after else None,
            clear_url=asked.url(PATH),
            moves=_moves(speaker),
            parties=[(f"party:{code}", speaker.recipient(f"party:{code}")) for code in speaker.names.parties],
            changes_url=asked.url(f"{PATH}/changes", lang=None),
            shown=json.dumps({key: words(lang)[key] for key in SAID}, ensure_ascii=False),
        ),
    )


@router.get(f"{PATH}/changes")
async def changes(request: Request, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """That cases of the jurisdiction have changed, as server-sent events; not which."""
    return following(
        request, service, service.case_news, service.atlases.choose(jurisdiction).jurisdiction.code
    )


def usual(sent: Sent) -> Sent:
    """With what an address without any filter means, and with the order that its states can have."""
    state = sent.state
    if not any(address(sent).values()):
        state = LIVE
    live = state == LIVE or state in live_states()
    sort = sent.sort or (DUE if live else "-changed_at" if state else NEWEST)
    if sort == DUE and not live:
        sort = "-changed_at"
    return replace(sent, state=state, sort=sort)


def address(sent: Sent) -> dict[str, str | None]:
    """The filters as parameters of an address."""
    names = ("state", "category", "grid", "community", "recipient", "month", "sort")
    flags = {
        name: {True: "true", False: "false", None: None}[getattr(sent, name)]
        for name in ("supervised", "overdue")
    }
    return {name: getattr(sent, name) for name in names} | flags


def _rows(
    connection: Connection,
    owner: Jurisdiction,
    found: Sequence[tuple[Position, View]],
    actor: Actor,
    speaker: Speaker,
    asked: Asked,
) -> list[Row]:
    views = [view for _, view in found]
    first = {
        view.case.id: (UUID(view.history[0].details["reports"][0]), view.case.occurred_at) for view in views
    }
    seen = reports.by_ids(connection, owner.code, list(first.values()))
    texts = {id_: seen[pair[0]].description if pair[0] in seen else "" for id_, pair in first.items()}
    return [_row(view, texts[view.case.id], actor, speaker, asked) for view in views]


def _row(view: View, text: str, actor: Actor, speaker: Speaker, asked: Asked) -> Row:
    file, clock = view.case, view.next_clock
    return Row(
        id=file.id,
        number=short(file),
        url=asked.url(f"/cases/{file.id}"),
        seq=file.seq,
        category=speaker.category(file.category),
        text=text,
        place=speaker.place(file),
        state=speaker.state(file.state),
        look=LOOKS.get(file.state, "over"),
        flags=flags(view, speaker),
        waiting=tuple(speaker.recipient(token) for token in view.in_hand),
        milestone=speaker.word(MILESTONES[clock.milestone]) if clock else "",
        term=speaker.term(clock) if clock else None,
        opened=speaker.moment(file.opened_at),
        moves=" ".join(move for move in possible(view.standing, actor) if _of_many(move, file.state)),
    )


def _of_many(move: str, state: str) -> bool:
    """Whether a move is made for many; whom to send a case to in somebody's place is said on its own page."""
    return move in FOR_MANY and (move != "dispatch" or state == "filed")


def flags(view: View, speaker: Speaker) -> tuple[tuple[str, str], ...]:
    """(looks, text) of what stands out of a case."""
    there = {
        "flag_supervised": view.standing.supervised,
        "flag_private": view.case.private,
        "flag_disagreement": view.standing.disagree,
    }
    said = [(name, speaker.word(name)) for name, is_so in there.items() if is_so]
    if len(view.reports) > 1:
        said.append(("flag_reports", speaker.word("flag_reports").format(n=len(view.reports))))
    return tuple(said)


def _tiles(counted: Numbers, sent: Sent, asked: Asked, speaker: Speaker) -> list[Tile]:
    here = {name: value for name, value in address(sent).items() if value is not None}

    def tile(key: str, word: str, number: int, **own: str) -> Tile:
        return Tile(key, speaker.word(word), number, asked.url(PATH, **own), here == own)

    live = {"state": LIVE, "sort": DUE}
    return [
        tile("waiting", "waiting_for_me", counted.waiting, recipient=MINE, **live),
        tile("overdue", "overdue_now", counted.overdue, overdue="true", **live),
        tile("supervised", "under_supervision", counted.supervised, supervised="true", **live),
        tile("today", "new_today", counted.today, sort=NEWEST),
    ]


def _tabs(counted: Numbers, sent: Sent, asked: Asked, speaker: Speaker) -> list[Tile]:
    """The states, with how many cases of each the other filters leave."""
    kept = address(sent) | {"sort": None}
    live = live_states()
    of_state = {state: counted.states.get(state, 0) for state in states()}
    ended = sum(number for state, number in counted.states.items() if state not in live)
    groups = {
        LIVE: (speaker.word("all_live"), sum(of_state[state] for state in live)),
        **{state: (speaker.state(state), of_state[state]) for state in live},
        ENDED: (speaker.word("all_ended"), ended),
    }
    made = [
        Tile(key, label, number, asked.url(PATH, **(kept | {"state": key})), sent.state == key)
        for key, (label, number) in groups.items()
    ]
    everything = asked.url(PATH, **(kept | {"state": None, "sort": NEWEST}))
    total = sum(counted.states.values())
    return [*made, Tile("all", speaker.word("all_cases"), total, everything, sent.state is None)]


def _menus(
    service: Visit, sent: Sent, speaker: Speaker, known: Mapping[str, Category]
) -> list[tuple[str, str, list[Link]]]:
    """(parameter, label, choices with their value as address) of the filters that are chosen from a list."""
    names = speaker.names

    def chosen(pairs: Sequence[tuple[str, str]], value: str | None) -> list[Link]:
        missing = [] if value is None or value in dict(pairs) else [(value, value)]
        return [Link(label, code, code == value) for code, label in (*pairs, *missing)]

    def areas(kind: str, within: str | None = None) -> list[tuple[str, str]]:
        sheet = names.atlas.sheet(kind, names.day)
        versions = sheet.versions if sheet else ()
        return [(v.code, v.name) for v in versions if within is None or v.parent_code == within]

    mine = [(MINE, speaker.word("mine_only"))]
    parties = [(f"party:{code}", speaker.recipient(f"party:{code}")) for code in names.parties]
    named = sent.recipient
    if named and named != MINE and not named.startswith("party:"):
        parties.append((named, speaker.recipient(named)))
    orders = [(code, speaker.word(key)) for code, key in ORDERS.items()]
    return [
        (
            "category",
            speaker.word("filter_category"),
            chosen([(c, speaker.category(c)) for c in known], sent.category),
        ),
        ("community", speaker.word("filter_community"), chosen(areas("community"), sent.community)),
        ("grid", speaker.word("filter_grid"), chosen(areas("grid", sent.community), sent.grid)),
        ("recipient", speaker.word("filter_recipient"), chosen([*mine, *parties], sent.recipient)),
        ("sort", speaker.word("filter_sort"), chosen(orders, sent.sort)),
    ]


def _moves(speaker: Speaker) -> list[tuple[str, str, bool]]:
    """(move, name, whether it needs a reason) of those that can be made for many."""
    needs = {rule.move for rule in rules() if rule.reason}
    return [(move, speaker.move(move), move in needs) for move in FOR_MANY]
