"""A month of the made-up town around its markets, counted as a real one is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from gridmap.maps.efforts import CampaignForm, campaign_panel, choices, services_panel
from gridmap.maps.page import Link
from gridmap.maps.rhythm import rhythm_page
from gridmap.statistics.around import around
from gridmap.statistics.campaigns import against, before_and_after, spread
from gridmap.statistics.digests.places import KindAround, PlaceAround
from gridmap.statistics.efforts.model import Campaign, Comparison, Done, DoneAt, Services, Span
from gridmap.statistics.model import Titled
from gridmap.statistics.rhythm import CLOSED, OPEN, UNKNOWN, legality, open_shares, rhythm_of
from gridmap.works.model import WorkKind
from tests.maps import sample

CHINA = ZoneInfo("Asia/Shanghai")
JULY = date(2023, 7, 1)
TEA = Titled("local-teastall", "茶摊", "Tea stall")
KINDS = {kind: f"#{kind}" for kind in ("parking", "night_market", "morning_market")}


def places(name: str = "{}", hours: str | None = "Apr-Oct Mo-Su 18:00-01:00; Nov-Mar off", count: int = 3):
    made = []
    for n in range(count):
        at = sample.square(0.3 + n % 3, 0.4 + n // 3 % 3, 0, 0).centroid
        place = sample.Place(f"N{n}", "night_market", name.format(f"第{n}夜市"), at)
        place.capacity, place.opening_hours, place.service_radius_m = (
            (None if n == 1 else 60 + n),
            hours,
            300.0,
        )
        made.append(place)
    return made


def found(
    name: str = "{}", *, reports: int = 120, hours: str | None = "Apr-Oct Mo-Su 18:00-01:00", count: int = 3
):
    there, draw = places(name, hours, count), np.random.default_rng(7)
    middles = np.array([place.geometry.coords[0] for place in there]).reshape(-1, 2)
    which = draw.integers(0, max(count, 1), reports if count else 0)
    lon, lat = (middles[which] + draw.normal(0, 0.0008, (len(which), 2))).T
    start = np.datetime64("2023-06-30T16:00", "s")  # midnight in China
    moment = start + draw.integers(0, 31 * 86_400, len(which)).astype("timedelta64[s]")
    told = around([p.geometry for p in there], [300.0] * count, [p.capacity for p in there], lon, lat)
    texts = [p.opening_hours for p in there]
    verdict = legality(moment, told.nearest, texts, CHINA)
    own = told.nearest >= 0
    made = [
        PlaceAround(
            place,
            300.0,
            int(told.reports[n]),
            told.per_100_spaces[n],
            *(int((verdict[told.nearest == n] == answer).sum()) for answer in (OPEN, CLOSED, UNKNOWN)),
        )
        for n, place in enumerate(there)
    ]
    rhythm = rhythm_of(moment[own], verdict[own], CHINA)
    opening = open_shares(texts, JULY, 31)
    near = told.nearest[own], lon[own], lat[own], verdict[own]
    return KindAround("night_market", JULY, ("matter-09001",), tuple(made), *near, rhythm, opening)


def campaign(before: int = 136, after: int = 73, name: str = "茶摊") -> Campaign:
    def span(month: int, reports: int, year: int = 2023) -> Span:
        return Span(date(year, month, 1), date(year, month, 31), reports)

    old, new = span(7, before), span(8, after)
    there = span(7, 90, 2022), span(8, 76, 2022)
    comparison = Comparison(
        "year_before", TEA, None, *there,
        before_and_after(90, 76, 31, 31), against(before, after, 90, 76),
    )  # fmt: skip
    weeks = [
        Span(start, start + timedelta(days=6), 20 + n)
        for n, start in enumerate(date(2023, 7, 1) + timedelta(days=7 * k) for k in range(8))
    ]
    return Campaign(
        Titled("local-teastall", name, name if name != "茶摊" else "Tea stall"), None, old, new,
        before_and_after(before, after, 31, 31), spread([[4, 5, 3], [2, 2, 3]]), comparison, tuple(weeks),
    )  # fmt: skip


def form(problem: str | None = None) -> CampaignForm:
    days = "2023-07-01", "2023-07-31", "2023-08-01", "2023-08-31"
    return CampaignForm(
        "/maps/rhythm",
        (("month", "2023-07"), ("kind", "night_market")),
        days,
        choices([("茶摊", "local-teastall"), ("占道经营", "matter-09001")], "local-teastall"),
        choices([("阳光社区", "community/610602006001")], ""),
        choices([("占道经营", "matter-09001")], ""),
        True,
        (date(2022, 7, 1), date(2023, 12, 31)),
        problem is not None,
        problem,
    )


def services(name: str = "{}", count: int = 14) -> Services:
    film = WorkKind("film_showing", "电影放映", "Film showing", "场")
    done = Done(film, Decimal(3), 3)
    at = [DoneAt(name.format(f"第{n}广场"), (done,)) for n in range(count)]
    return Services(JULY, date(2023, 7, 31), (Done(film, Decimal(3 * count), 3 * count),), tuple(at))


def page(lang: str = "zh", around=None, *, name: str = "{}", links=None, problem: str | None = None) -> str:
    month = services(name)
    return rhythm_page(
        sample.JURISDICTION,
        True,
        sample.areas(),
        sample.backdrop(),
        around or found(name),
        kinds=KINDS,
        categories=[Link(name.format("占道经营"), "#x")],
        all_url="#all",
        prev_url="/a",
        next_url=None,
        efforts=campaign_panel(form(problem), None if problem else campaign(), lang),
        services=services_panel(month, month, lang),
        lang=lang,
        links=links or {},
    )
