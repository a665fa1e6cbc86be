"""Statistics of places and efforts as plain values, the same in REST and behind `--json`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from gridmap.areas.model import Jurisdiction
from gridmap.statistics.campaigns import Ratio
from gridmap.statistics.digests.places import KindAround, PlaceAround, by_strain
from gridmap.statistics.efforts.model import AreaNamed, Campaign, Comparison, Done, Services, Span
from gridmap.statistics.model import Titled
from gridmap.statistics.months import month_text
from gridmap.works.model import as_number

Values = dict[str, Any]


def around(month: date, found: Iterable[KindAround], category: str | None) -> Values:
    """Places of some kinds, most reports per 100 spaces first. `category`: the one that was asked for."""
    kinds = list(found)
    places = by_strain([place for kind in kinds for place in kind.places])
    return {
        "month": month_text(month),
        "kinds": [kind.kind for kind in kinds],
        "categories": None if category is None else [category],
        "items": [_place(each) for each in places],
        "next": None,
    }


def _place(each: PlaceAround) -> Values:
    place = each.place
    return {
        "place": {"kind": place.kind, "code": place.code, "name": place.name, "name_en": place.name_en},
        "capacity": place.capacity,
        "opening_hours": place.opening_hours,
        "radius_m": each.radius_m,
        "reports": each.reports,
        "per_100_spaces": each.per_100_spaces,
        "nearest": each.own,
        "while_open": each.within,
        "while_closed": each.beyond,
        "hours_unknown": each.unknown,
    }


def rhythm(jurisdiction: Jurisdiction, found: KindAround) -> Values:
    """Hour by weekday of one kind of place."""
    counted = found.rhythm
    parts = {
        "reports": counted.every,
        "while_open": counted.within,
        "while_closed": counted.beyond,
        "hours_unknown": counted.unknown,
    }
    opening = found.opening
    return {
        "month": month_text(found.month),
        "kind": found.kind,
        "categories": list(found.categories),
        "time_zone": jurisdiction.time_zone,
        "places": len(found.places),
        "places_with_hours": sum(each.place.opening_hours is not None for each in found.places),
        "totals": {name: int(part.sum()) for name, part in parts.items()},
        **{name: part.tolist() for name, part in parts.items()},
        "open_share": None if opening is None else opening.reshape(7, 24, -1).mean(axis=2).round(6).tolist(),
    }


def campaign(found: Campaign) -> Values:
    """Before and after."""
    return {
        "category": _titled(found.category),
        "area": _area(found.area),
        "before": _span(found.before),
        "after": _span(found.after),
        "ratio": _ratio(found.ratio),
        "spread": found.spread,
        "against": None if found.against is None else _comparison(found.against),
        "weeks": [_span(week) for week in found.weeks],
    }


def services(found: Services) -> Values:
    """Events and services."""
    return {
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "kinds": [_done(each) for each in found.kinds],
        "places": [
            {
                "place_name": at.place_name or None,
                "records": at.records,
                "done": [_done(each) for each in at.done],
            }
            for at in found.places
        ],
    }


def _comparison(found: Comparison) -> Values:
    return {
        "what": found.what,
        "category": _titled(found.category),
        "area": _area(found.area),
        "before": _span(found.before),
        "after": _span(found.after),
        "ratio": _ratio(found.ratio),
        "change": _ratio(found.change),
    }


def _done(each: Done) -> Values:
    kind = each.kind
    return {
        "kind": kind.code,
        "name": kind.name,
        "name_en": kind.name_en,
        "unit": kind.unit,
        "quantity": as_number(each.quantity),
        "records": each.records,
    }


def _span(span: Span) -> Values:
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "days": span.days,
        "reports": span.reports,
        "per_week": span.per_week,
    }


def _ratio(ratio: Ratio) -> Values:
    return asdict(ratio)


def _titled(value: Titled) -> Values:
    return {"code": value.code, "name": value.name, "name_en": value.name_en}


def _area(value: AreaNamed | None) -> Values | None:
    return None if value is None else {"kind": value.kind, "code": value.code, "name": value.name}
