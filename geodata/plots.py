"""What stands on each block: parcels, their use, and the compounds among them. Local metres."""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely import Polygon

from geodata.atlas import Atlas, atlas, quarter_frame
from geodata.lines import random
from geodata.mesh import mesh
from geodata.quarter import quarter
from geodata.streets import valley_shape
from geodata.valley import main_valley, side_valley

HALF_WIDTH = {"main_road": 15.0, "road": 10.0, "lane": 6.0, "river": 30.0, "bank": 5.0}
BROOK_HALF_WIDTH = 8.0
SMALLEST_PARCEL = 3500.0
TWO_COMPOUNDS_FROM = 27000.0
JOINED = 6  # compounds that cross a border between grids
WIDEST_JOINT = 24.0
NARROW = 42.0  # metres; a strip narrower than this between water and street stays green

# Landmarks: name, English name, use, about where (local metres), least parcel area.
LANDMARKS = (
    ("吾悦广场", "Wuyue Plaza", "mall", quarter(95, 100), 18000),
    ("大剧院", "Grand Theatre", "theatre", quarter(-95, -100), 18000),
    ("新区中央公园", "Central Park", "park", quarter(-95, 100), 18000),
    ("市民广场", "Citizens' Square", "square", quarter(95, -100), 18000),
    ("中环广场", "Zhonghuan Plaza", "mall", (205, 380), 9000),
    ("新城街道办事处", "Xincheng Subdistrict Office", "office", (40, 130), 7000),
    ("农批城", "Farm Produce Market", "market", (-620, -1330), 15000),
    ("延安农产品物流园", "Yan'an Farm Produce Logistics Park", "logistics", (-520, -2280), 18000),
    ("新城社区卫生服务中心", "Xincheng Community Health Centre", "office", (700, 60), 7000),
    ("新城小学", "Xincheng Primary School", "school", (-20, -230), 9000),
    ("鲁艺中学", "Luyi Middle School", "school", (520, -150), 9000),
    ("新区中学", "New Quarter Middle School", "school", quarter(-475, -300), 14000),
    ("柳湾小学", "Liuwan Primary School", "school", (-60, 1500), 9000),
    ("杏林小学", "Xinglin Primary School", "school", (-30, -1800), 9000),
    ("阳光公园", "Sunshine Park", "park", (-180, 620), 6000),
    ("东溪公园", "East Brook Park", "park", (1480, 640), 4000),
    ("柳湾公园", "Liuwan Park", "park", (300, 1500), 6000),
)

# Compounds that the published report names, and where they are put.
NAMED = (
    ("上城贰号", quarter(-285, -300)),
    ("上城叁号", quarter(95, -300)),
    ("金圣国际", quarter(285, 300)),
    ("鲁艺叁号", (470, 620)),
    ("杨家岭北苑", (240, -1130)),
    ("杨家岭南苑", (60, -1450)),
)


@dataclass(frozen=True, slots=True)
class Plot:
    """A parcel and its use (housing, trade, bank, or the use of a landmark)."""

    shape: Polygon
    use: str
    name: str
    name_en: str
    zone: str  # quarter, valley, side or slope
    community: int  # index into atlas().communities
    angle: float  # direction of its street grid, radians from east


def largest(shape: shapely.Geometry) -> Polygon:
    return max(shapely.get_parts(shape), key=lambda part: part.area)


def smoothed(shape: Polygon, radius: float = 4.0) -> Polygon:
    """Corners rounded a little and needles removed."""
    return largest(shape.buffer(-radius).buffer(radius, quad_segs=2)).simplify(0.6)


@cache
def street_space() -> shapely.Geometry:
    """The ground that streets and water take."""
    bands = []
    for street in mesh().streets:
        width = BROOK_HALF_WIDTH if street.name == "东溪" else HALF_WIDTH.get(street.kind)
        if width:
            bands.append(street.geometry.buffer(width, cap_style="flat", join_style="mitre"))
    return shapely.unary_union(bands)


def direction(shape: Polygon) -> float:
    """The angle of a parcel's long streets, brought within ±45° of east–west."""
    corners = np.array(shape.minimum_rotated_rectangle.exterior.coords)
    dx, dy = corners[1] - corners[0]
    return float((np.arctan2(dy, dx) + np.pi / 4) % (np.pi / 2) - np.pi / 4)


def zone_of(point: shapely.Point) -> str:
    u, v = quarter_frame(point)
    if abs(u) < 765 and abs(v) < 615:
        return "quarter"
    s, t = (float(value[0]) for value in main_valley().frame([(point.x, point.y)]))
    shape = valley_shape()
    if float(shape["west_foot"](s)) - 5 < t < float(shape["east_foot"](s)) + 5:
        on_bank = float(shape["west_bank"](s)) < t < float(shape["east_bank"](s))
        return "bank" if on_bank else "valley"
    side_s, side_t = (float(value[0]) for value in side_valley().frame([(point.x, point.y)]))
    return "side" if abs(side_t) < 245 and 500 < side_s < 2590 else "slope"


def split(shape: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Two parcels with a passage between them, cut across the long side."""
    box = np.array(shape.minimum_rotated_rectangle.exterior.coords)[:4]
    a, b = (box[1] - box[0], box[3] - box[0])
    start, long, wide = (box[0], a, b) if np.hypot(*a) > np.hypot(*b) else (box[0], b, a)
    at = start + long * rng.uniform(0.42, 0.58)
    knife = shapely.LineString([at - 0.2 * wide, at + 1.2 * wide]).buffer(4.0, cap_style="flat")
    return [part for part in shapely.get_parts(shape.difference(knife)) if part.area > SMALLEST_PARCEL / 2]


def notched(shape: Polygon, rng: np.random.Generator) -> Polygon:
    """A concave parcel: a corner is left to something else."""
    box = np.array(shape.minimum_rotated_rectangle.exterior.coords)[:4]
    k = int(rng.integers(4))
    corner, one, two = box[k], box[(k + 1) % 4] - box[k], box[(k - 1) % 4] - box[k]
    a, b = rng.uniform(0.34, 0.46, 2)
    bite = Polygon(
        [
            corner - 0.1 * (one + two),
            corner + a * one - 0.1 * two,
            corner + a * one + b * two,
            corner + b * two - 0.1 * one,
        ]
    )
    return largest(shape.difference(bite))


@dataclass(frozen=True, slots=True)
class Parcel:
    """A block without its streets; grid and community are indices into the atlas."""

    shape: Polygon
    zone: str
    grid: int
    community: int


def raw_parcels(own: Atlas) -> list[Parcel]:
    position = {area.code: k for k, area in enumerate(own.communities)}
    answer = []
    for block, grid in zip(mesh().blocks, own.block_grid, strict=True):
        zone, left = zone_of(block.representative_point()), block.difference(street_space())
        if zone != "slope" and left.area > SMALLEST_PARCEL:
            answer.append(Parcel(largest(left), zone, grid, position[own.grids[grid].parent]))
    return answer


def joined_pairs(parcels: list[Parcel], used: set[int]) -> list[tuple[int, int]]:
    """Pairs of neighbours of one community that a compound takes together, across the grid border between."""
    named = shapely.unary_union([street.geometry for street in mesh().streets if street.name])
    free = [k for k, one in enumerate(parcels) if k not in used and one.zone in ("valley", "quarter")]
    able = []
    for one, two in combinations(free, 2):
        a, b = parcels[one], parcels[two]
        if a.community != b.community or a.grid == b.grid or a.shape.distance(b.shape) > WIDEST_JOINT:
            continue
        hull = shapely.union_all([a.shape, b.shape]).convex_hull
        across = shapely.LineString([a.shape.centroid, b.shape.centroid])
        if hull.area < 1.25 * (a.shape.area + b.shape.area) and not across.intersects(named):
            able.append((one, two))
    pairs: list[tuple[int, int]] = []
    for k in random(14).permutation(len(able)):
        if len(pairs) < JOINED and not {*able[k]} & {one for pair in pairs for one in pair}:
            pairs.append(able[k])
    return sorted(pairs)


def bridged(one: Polygon, two: Polygon) -> Polygon:
    """One parcel of two, the street between them taken in."""
    return largest(
        shapely.union_all([one, two]).buffer(13, join_style="mitre").buffer(-13, join_style="mitre")
    )


@cache
def plots() -> tuple[Plot, ...]:
    """Every parcel of the built-up ground with its use, landmarks first."""
    parcels, rng = raw_parcels(atlas()), random(10)
    answer: list[Plot] = []
    used: set[int] = set()

    def add(shape: Polygon, k: int, use: str, name: str = "", name_en: str = "") -> None:
        answer.append(
            Plot(smoothed(shape), use, name, name_en, parcels[k].zone, parcels[k].community, direction(shape))
        )

    def closest(at: ArrayLike, least: float) -> int:
        free = [
            k
            for k, one in enumerate(parcels)
            if k not in used and one.zone != "bank" and one.shape.area > least
        ]
        return min(free, key=lambda k: parcels[k].shape.centroid.distance(shapely.Point(at)))

    for name, name_en, use, at, least in LANDMARKS:
        k = closest(at, least)
        used.add(k)
        add(parcels[k].shape, k, use, name, name_en)
    for name, at in NAMED:
        k = closest(at, 8000)
        used.add(k)
        add(parcels[k].shape, k, "housing", name)
    for first, second in joined_pairs(parcels, used):
        used |= {first, second}
        add(bridged(parcels[first].shape, parcels[second].shape), first, "housing")
    for k, parcel in enumerate(parcels):
        shape = parcel.shape
        if k in used:
            continue
        if parcel.zone == "bank" or shape.buffer(-NARROW / 2).is_empty:
            add(shape, k, "bank")
        elif shape.area < 5200 or rng.random() < 0.17:
            add(shape, k, "trade")
        elif shape.area > TWO_COMPOUNDS_FROM or (shape.area > 15000 and rng.random() < 0.12):
            for part in split(shape, rng):
                add(part, k, "housing" if part.area > 4500 else "trade")
        else:
            add(notched(shape, rng) if rng.random() < 0.16 else shape, k, "housing")
    return tuple(answer)
