"""Places of public interest, as many as the published report counts. Local metres."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely

from geodata.atlas import Area, atlas
from geodata.backdrop import features
from geodata.figures import PARKING_PLACES
from geodata.homes import compounds_and_buildings
from geodata.lines import random
from geodata.plots import Plot, plots
from geodata.words import COMMUNITY_ENGLISH, COMPOUND_ENGLISH

MORNING = "Apr-Oct Mo-Su 06:00-09:30; Nov-Mar Mo-Su 06:30-09:30"
NIGHT = "Apr-Oct Mo-Su 18:00-01:00; Nov-Mar Mo-Su 17:30-22:30"
TRUNK = "Apr-Oct Fr-Su 18:00-23:30"
OFFICE_HOURS = "Mo-Fr 09:00-12:00,14:00-18:00; PH off"
PARLOUR_HOURS = "Mo-Su 08:30-20:30"
STATIONS = ("上城贰号", "上城叁号", "杨家岭南苑", "杨家岭北苑", "鲁艺叁号", "金圣国际")


@dataclass(frozen=True, slots=True)
class Place:
    kind: str
    name: str
    name_en: str
    at: shapely.Point
    address: str
    capacity: int | None = None
    opening_hours: str = ""
    service_radius_m: int | None = None
    vehicle: str = ""


def plot_named(name: str) -> Plot:
    return next(plot for plot in plots() if plot.name == name)


@cache
def compound_named(name: str) -> Area:
    return next(area for area in compounds_and_buildings()[0] if area.name == name)


@cache
def named_streets() -> tuple[tuple[str, shapely.Geometry], ...]:
    kinds = ("main_road", "road")
    return tuple((one.name, one.shape) for one in features() if one.kind in kinds and one.name)


def street_near(point: shapely.Point) -> str:
    """The name of the nearest named street: an address without a number."""
    return min(named_streets(), key=lambda street: street[1].distance(point))[0]


def at_gate(shape: shapely.Polygon, inset: float = 6.0) -> shapely.Point:
    """A point just inside a plot, where it faces the nearest named street."""
    centre = shape.representative_point()
    street = min((line for _, line in named_streets()), key=lambda line: line.distance(shape))
    inner = shape.buffer(-inset)
    return shapely.shortest_line(inner, street).interpolate(0) if not inner.is_empty else centre


def place(kind: str, name: str, name_en: str, at: shapely.Point, **more: Any) -> Place:
    return Place(kind, name, name_en, at, f"{street_near(at)}旁", **more)


def shifted(point: shapely.Point, dx: float, dy: float) -> shapely.Point:
    return shapely.Point(point.x + dx, point.y + dy)


def markets() -> list[Place]:
    answer = []
    english = COMPOUND_ENGLISH
    for name, stalls in (("上城叁号", 60), ("鲁艺叁号", 85), ("金圣国际", 70)):
        at = at_gate(compound_named(name).shape)
        answer.append(
            place(
                "morning_market",
                f"{name}早市",
                f"{english[name]} Morning Market",
                at,
                capacity=stalls,
                opening_hours=MORNING,
                service_radius_m=500,
            )
        )
    night = (
        ("大剧院", "Grand Theatre", at_gate(plot_named("大剧院").shape), 110),
        ("鲁艺叁号", english["鲁艺叁号"], shifted(at_gate(compound_named("鲁艺叁号").shape, 14), 9, 16), 90),
        ("金圣国际", english["金圣国际"], shifted(at_gate(compound_named("金圣国际").shape, 14), 12, 7), 80),
    )
    for name, name_en, at, stalls in night:
        answer.append(
            place(
                "night_market",
                f"{name}夜市",
                f"{name_en} Night Market",
                at,
                capacity=stalls,
                opening_hours=NIGHT,
                service_radius_m=800,
            )
        )
    for name, name_en, stalls in (("吾悦广场", "Wuyue Plaza", 48), ("中环广场", "Zhonghuan Plaza", 36)):
        at = at_gate(plot_named(name).shape, 10)
        answer.append(
            place(
                "trunk_market",
                f"{name}后备箱集市",
                f"{name_en} Trunk Market",
                at,
                capacity=stalls,
                opening_hours=TRUNK,
                service_radius_m=800,
            )
        )
    return answer


def community_centre(community: Area) -> shapely.Point:
    """Where a community's hall stands: a trade plot (or else a compound's gate) near its built-up middle."""
    own = [plot for plot in plots() if atlas().communities[plot.community].code == community.code]
    built = shapely.union_all([plot.shape for plot in own]).centroid
    trade = [plot for plot in own if plot.use == "trade"] or [plot for plot in own if plot.use == "housing"]
    return at_gate(min(trade, key=lambda plot: plot.shape.distance(built)).shape, 8)


def halls() -> list[Place]:
    """Service hall and parlour at the subdistrict office and in every community; care and mediation rooms."""
    office = at_gate(plot_named("新城街道办事处").shape, 8)
    answer = []
    for name, at in [("新城街道", office)] + [(c.name, community_centre(c)) for c in atlas().communities]:
        english = COMMUNITY_ENGLISH[name]
        answer.append(
            place(
                "service_hall",
                f"{name}便民服务大厅",
                f"{english} Service Hall",
                at,
                opening_hours=OFFICE_HOURS,
                service_radius_m=1000,
            )
        )
        answer.append(
            place(
                "parlour",
                f"{name}百姓会客厅",
                f"{english} Citizens' Parlour",
                shifted(at, 4, 5),
                opening_hours=PARLOUR_HOURS,
                capacity=30,
            )
        )
        if name in ("阳光社区", "鲁艺社区"):
            answer.append(
                place(
                    "day_care",
                    f"{name}日间照料中心",
                    f"{english} Day-care Centre",
                    shifted(at, -5, 4),
                    capacity=40,
                    opening_hours="Mo-Sa 08:00-18:00",
                    service_radius_m=800,
                )
            )
            answer.append(
                place(
                    "mediation_room",
                    f"{name}调解室",
                    f"{english} Mediation Room",
                    shifted(at, 3, -5),
                    opening_hours=OFFICE_HOURS,
                )
            )
    answer.append(
        place(
            "mediation_room",
            "新城街道矛盾纠纷综合调解中心",
            "Xincheng Mediation Centre",
            shifted(office, -6, 5),
            opening_hours=OFFICE_HOURS,
        )
    )
    return answer


def stops() -> list[Place]:
    wuyue, produce = at_gate(plot_named("吾悦广场").shape, 20), at_gate(plot_named("农批城").shape, 6)
    depot = at_gate(plot_named("延安农产品物流园").shape, 6)
    return [
        place(
            "rest_stop",
            "宝塔·红新驿家（吾悦广场）",
            "Hongxin Rest Stop, Wuyue Plaza",
            wuyue,
            capacity=20,
            opening_hours="24/7",
            service_radius_m=1000,
        ),
        place(
            "rest_stop",
            "宝塔·红新驿家（农批城）",
            "Hongxin Rest Stop, Farm Produce Market",
            produce,
            capacity=16,
            opening_hours="24/7",
            service_radius_m=1000,
        ),
        place(
            "driver_home",
            "延安农产品物流园司机之家",
            "Drivers' Home, Yan'an Farm Produce Logistics Park",
            depot,
            capacity=32,
            opening_hours="24/7",
        ),
    ]


def stations() -> list[Place]:
    """Six compounds that the report names, and the one with the most households of the rest."""
    others = [area for area in compounds_and_buildings()[0] if area.name not in STATIONS]
    seventh = max(others, key=lambda area: dict(area.extra)["households"])
    answer = []
    for name in (*STATIONS, seventh.name):
        at = compound_named(name).shape.representative_point()
        english = f"{COMPOUND_ENGLISH[name]} Compound Station" if name in COMPOUND_ENGLISH else ""
        answer.append(
            place(
                "compound_station",
                f"{name}小区工作站",
                english,
                at,
                opening_hours="Mo-Fr 09:00-12:00,15:00-18:00",
                service_radius_m=300,
            )
        )
    return answer


def parking() -> list[Place]:
    """Motor and non-motor parking at landmarks and along streets; capacities sum to PARKING_PLACES."""
    rng, spots = random(31), []
    for plot in plots():
        if (
            plot.use in ("mall", "theatre", "square", "office", "market", "logistics", "school", "park")
            and plot.name
        ):
            at = at_gate(plot.shape, 12)
            if plot.use not in ("school",):
                spots.append(
                    (f"{plot.name}停车场", f"{plot.name_en} Car Park", shifted(at, 8, -6), "motor", 3.0)
                )
            if plot.use not in ("logistics",):
                spots.append(
                    (
                        f"{plot.name}非机动车停放点",
                        f"{plot.name_en} Bicycle Stand",
                        shifted(at, -7, 6),
                        "non_motor",
                        1.6,
                    )
                )
    trade = [plot for plot in plots() if plot.use == "trade"]
    for k, plot in enumerate(trade):
        at = at_gate(plot.shape, 3)
        vehicle, word = ("motor", "停车位") if k % 3 else ("non_motor", "非机动车停放点")
        english = "Street Parking" if vehicle == "motor" else "Bicycle Stand"
        street = street_near(at)
        spots.append((f"{street}{k + 1}号{word}", f"{english} {k + 1}", at, vehicle, 1.0))
    weights = np.array([spot[4] for spot in spots]) * rng.uniform(0.7, 1.3, len(spots))
    share = weights / weights.sum() * PARKING_PLACES
    capacity = np.floor(share).astype(int)
    for k in np.argsort(capacity - share, kind="stable")[: PARKING_PLACES - int(capacity.sum())]:
        capacity[k] += 1
    return [
        place("parking", name, name_en, at, capacity=int(room), opening_hours="24/7", vehicle=vehicle)
        for (name, name_en, at, vehicle, _), room in zip(spots, capacity, strict=True)
    ]


@cache
def places() -> tuple[Place, ...]:
    return (*markets(), *halls(), *stops(), *stations(), *parking())
