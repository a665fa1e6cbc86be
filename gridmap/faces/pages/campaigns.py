"""The campaign panel of `/maps/rhythm`: what its form sent, and what is said to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from markupsafe import Markup
from sqlalchemy import Connection

from gridmap.areas.model import AreaVersion, Jurisdiction
from gridmap.errors import BadInput
from gridmap.faces.shapes.values import a_day
from gridmap.maps.efforts import CampaignForm, campaign_panel, choices
from gridmap.maps.words import titled
from gridmap.reports.model import Category
from gridmap.statistics.efforts.campaign import WEEKS_52, campaign
from gridmap.statistics.efforts.model import YEAR_BEFORE, Campaign
from gridmap.statistics.months import last_day, next_month

BEGINS_WITH = "local-teastall"
Given = Annotated[str | None, Query()]
Months = tuple[date, date] | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form sent. Not `from` and `to`: whatever shares a link hangs a `from` of its own on it."""

    campaign: str | None
    area: str | None
    first: str | None
    last: str | None
    since: str | None
    until: str | None
    against: str | None

    def kept(self) -> dict[str, str | None]:
        """For the addresses of the same page: in the other language."""
        return {name: value or None for name, value in asdict(self).items()}

    @property
    def days(self) -> tuple[str, str, str, str] | None:
        days = self.first, self.last, self.since, self.until
        return None if not any(days) else tuple(day or "" for day in days)  # type: ignore[return-value]


def _sent(
    campaign: Given = None,
    area: Given = None,
    first: Given = None,
    last: Given = None,
    since: Given = None,
    until: Given = None,
    against: Given = None,
) -> Sent:
    return Sent(campaign, area, first, last, since, until, against)


SentEffort = Annotated[Sent, Depends(_sent)]


def panel(
    connection: Connection,
    jurisdiction: Jurisdiction,
    sent: Sent,
    month: date,
    months: Months,
    known: Sequence[Category],
    communities: Sequence[AreaVersion],
    action: str,
    hidden: Sequence[tuple[str, str]],
    lang: str,
) -> Markup:
    """The panel. Without days the month before and `month` stand there, where both have reports.

    `months`: first and last with a report. Nothing is raised: what cannot be compared is said in the panel.
    """
    seen = (months[0], min(last_day(months[1]), jurisdiction.today())) if months else None
    days = sent.days or _two_months(month, seen)
    category = sent.campaign or BEGINS_WITH
    against = sent.against
    if against is None:
        against = YEAR_BEFORE if seen and not sent.days and _had_a_year(days, seen) else ""
    problem, found = None, None
    if seen and any(days):
        try:
            found = _compared(connection, jurisdiction, category, days, sent.area or None, against or None)
        except BadInput as error:
            problem = "days" if error.field in ("from", "to", "since", "until") else "choice"
    names = [(titled(each.name, each.name_en, lang), each.code) for each in known]
    form = CampaignForm(
        action,
        tuple(hidden),
        days,
        choices(names, category),
        choices([(area.name, f"community/{area.code}") for area in communities], sent.area or ""),
        choices([each for each in names if each[1] != category], against),
        against == YEAR_BEFORE,
        seen,
        sent.days is not None,
        problem,
    )
    return campaign_panel(form, found, lang)


def _two_months(month: date, seen: tuple[date, date] | None) -> tuple[str, str, str, str]:
    before = next_month(month, -1)
    if seen is None or before < seen[0] or last_day(month) > seen[1]:
        return "", "", "", ""
    days = before, last_day(before), month, last_day(month)
    first, last, since, until = (day.isoformat() for day in days)
    return first, last, since, until


def _had_a_year(days: tuple[str, str, str, str], seen: tuple[date, date]) -> bool:
    return bool(days[0]) and date.fromisoformat(days[0]) - WEEKS_52 >= seen[0]


def _compared(
    connection: Connection,
    jurisdiction: Jurisdiction,
    category: str,
    days: tuple[str, str, str, str],
    area: str | None,
    against: str | None,
) -> Campaign:
    first, to, since, until = (
        a_day(day, field) for day, field in zip(days, ("from", "to", "since", "until"), strict=True)
    )
    assert first is not None
    assert to is not None
    assert until is not None
    return campaign(
        connection,
        jurisdiction,
        category,
        first=first,
        to=to,
        since=since,
        until=until,
        area=area,
        against=against,
    )
