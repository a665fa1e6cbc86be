"""Plans for the demonstration, and inspections under them: most in time, some late, some never."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases.inspections import files, pairs, store
from gridmap.places import store as places

PLANS = """code,name,inspector,target,every_days,category,targets
grid,楼栋网格排查,member,building,30,,
illegal,违法建设片区排查,squad,building,90,matter-06001,
fumes,夜市油烟排查,squad,place,30,matter-06027,{markets}
"""
IN_TIME = {"grid": 74, "illegal": 38, "fumes": 60}  # percent
LATE = 16  # percent
BY = "示例排查员"


def demonstrate(connection: Connection, jurisdiction: Jurisdiction) -> int:
    """-> how many inspections are new: none where there are plans already."""
    if store.plans(connection, jurisdiction.code):
        return 0
    today = jurisdiction.today()
    markets = [
        each.code for each in places.places(connection, jurisdiction.code, day=today, kinds=["night_market"])
    ]
    plans = files.load_plans(
        connection, jurisdiction, PLANS.format(markets=";".join(markets)), "demonstration"
    )
    buildings = store.targets(connection, jurisdiction.code, "building", today)
    every = {plan.code: plan.every_days for plan in plans}
    lines = [",".join(files.COLUMNS)]
    for number, (plan, target) in enumerate(pairs(plans, sorted(buildings))):
        lot = number * 7_919 % 100
        if lot >= IN_TIME[plan] + LATE:
            continue
        ago = lot % every[plan] if lot < IN_TIME[plan] else every[plan] + lot % 20
        trouble = "yes" if number % 41 == 0 else ""
        lines.append(f"{plan},{target},{today - timedelta(days=ago)},{BY},{trouble},")
    new, _ = files.load(connection, jurisdiction, "\n".join(lines))
    return new
