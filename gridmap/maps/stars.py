"""Hot spots and what is left out, on the heat map: what its script draws and what stands beside it.

Hot and cold are told by colour, by pattern and by a sign: ▲ more, ▼ less. What is tested is
statistics.significance's; not here: the page itself (heat).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gridmap.maps import colours
from gridmap.maps.facts import DOUBT_WORDS
from gridmap.maps.words import words
from gridmap.statistics.doubts import DOUBTS, Difference
from gridmap.statistics.hotspots import LEAST_REPORTS
from gridmap.statistics.model import MonthHeat
from gridmap.statistics.significance import Significance

SIGNS = {1: "▲", -1: "▼"}
LISTED = 30
UNTESTED = {"few_reports": "star_few_reports", "flat": "star_flat", "private": "star_private"}


def properties(told: Significance, at: int) -> dict[str, Any]:
    """What the script knows of one area: star (1, 0, −1; None: not tested), sign, z, q, expected, tested."""
    if told.reason is not None or not told.hot.tested[at]:
        return {"star": None}
    star = int(told.stars[at])
    return {
        "star": star,
        "sign": SIGNS.get(star, ""),
        "z": f"{told.hot.z[at]:.2f}".replace("-", "−"),
        "q": probability(float(told.hot.q[at])),
        "expected": f"{told.expected[at]:,.1f}",
        "tested": f"{told.counts[at]:,}",
    }


def probability(value: float) -> str:
    """`0.012`, `< 0.001`."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def listed(heat: MonthHeat, told: Significance) -> list[dict[str, Any]]:
    """The starred areas for the panel: hot ones first, the strongest first."""
    order = np.lexsort((-np.abs(told.hot.z), -told.stars))
    return [
        properties(told, at) | {name: getattr(heat.grids[at], name) for name in ("code", "name", "community")}
        for at in order.tolist()
        if told.stars[at]
    ][:LISTED]


def why_none(told: Significance, lang: str) -> str:
    """The words for a month without a star; nothing where there is one."""
    if told.reason is not None:
        return words(lang)[UNTESTED[told.reason]].format(least=LEAST_REPORTS)
    return "" if told.stars.any() else words(lang)["star_nothing"]


def doubts(heat: MonthHeat, told: Significance, difference: Difference, lang: str) -> Mapping[str, Any]:
    """What is left out of surface and stars, for the panel: choices, and what leaving out changes."""
    text = words(lang)
    weight = heat.doubtful.reports
    choices = [
        {
            "doubt": doubt,
            "label": text[DOUBT_WORDS[doubt]],
            "reports": f"{int(weight[getattr(heat.doubtful, doubt)].sum()):,}",
            "included": doubt in heat.include,
        }
        for doubt in DOUBTS
    ]
    rows = [(text["doubts_share"], f"{100 * difference.share:.1f}%")]
    if difference.shift_m is not None:
        rows.append((text["doubts_shift"], f"{difference.shift_m:,.0f} m"))
    if told.reason is None:
        rows.append((text["doubts_stars"], f"+{len(told.gained)} / −{len(told.lost)}"))
    said = text["doubts_out"].format(reports=f"{difference.left_out:,}")
    return {
        "choices": choices,
        "said": said if difference.left_out else text["doubts_none"],
        "rows": rows if difference.left_out else [],
        "unlooked": "" if heat.doubtful.looked else text["doubts_unlooked"],
    }


def legend() -> list[tuple[str, str, str]]:
    """(colour, sign, word) of the classes of significance."""
    return [
        (colours.HOT, SIGNS[1], "star_hot"),
        (colours.COLD, SIGNS[-1], "star_cold"),
        (colours.ZERO, "", "star_none"),
    ]
