"""A visit: the service as the one who asks may use it. A route has nothing else, so none shows too much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from gridmap.areas.model import Jurisdiction
from gridmap.areas.store import choose_jurisdiction
from gridmap.cases.inbox import Dues
from gridmap.database.asker import Asker
from gridmap.database.sessions import Database
from gridmap.faces.darkroom import Darkroom
from gridmap.faces.entrance.who import asker_of
from gridmap.faces.group_commit import GroupCommit
from gridmap.faces.keeping.atlases import Atlases, Held
from gridmap.faces.keeping.kept import Kept
from gridmap.faces.keeping.kept_answers import Answer
from gridmap.faces.keeping.news import EVERY, Basis, News, basis
from gridmap.faces.keeping.rosters import Rosters
from gridmap.faces.service import Service
from gridmap.people.oidc.provider import Provider
from gridmap.settings import Settings


@dataclass(frozen=True, slots=True)
class OwnAtlases:
    """The atlases, as far as somebody may see them: of their own jurisdiction alone."""

    all: Atlases
    asker: Asker | None

    def jurisdictions(self) -> list[Jurisdiction]:
        """By code."""
        return own(self.all.jurisdictions(), self.asker)

    def choose(self, code: str | None) -> Held:
        """By code; default the asker's own, or the only one. Raises as `areas.store.choose_jurisdiction`."""
        if self.asker is not None and code in (None, self.asker.jurisdiction):
            return self.all.choose(self.asker.jurisdiction)  # the way that everybody goes
        return self.all.choose(choose_jurisdiction(self.jurisdictions(), code).code)


def own(known: list[Jurisdiction], asker: Asker | None) -> list[Jurisdiction]:
    """Of these, what is there for the one who asks."""
    return [each for each in known if asker is None or each.code == asker.jurisdiction]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's service. `asker` is None on what is public; `database` shows what they may see."""

    service: Service
    asker: Asker | None

    @classmethod
    def of(cls, service: Service, scope: Scope) -> Visit:
        return cls(service, asker_of(scope))

    @property
    def database(self) -> Database:
        return self.service.database.asked_by(self.asker)

    def basis(self, *sources: tuple[News, str]) -> Basis:
        """What an answer is made from: of somebody who does not see all, also their duties of today."""
        made_from = basis(*sources)
        if self._sees_all:
            return made_from
        home = self.atlases.choose(None).jurisdiction
        return made_from.also(self.people_news, home.code).on(None, home)[1]

    def with_reports(self, made_from: Basis, owner: str) -> Basis:
        """The same and the reports of a jurisdiction; of somebody who does not see all, also its cases.

        Whoever is given a task sees its reports, wherever they lie.
        """
        made_from = made_from.also(self.report_news, owner)
        return made_from if self._sees_all else made_from.also(self.case_news, owner)

    @property
    def _sees_all(self) -> bool:
        return self.asker is None or self.asker.sees_all

    @property
    def settings(self) -> Settings:
        return self.service.settings

    @property
    def provider(self) -> Provider | None:
        return self.service.provider

    @property
    def step(self) -> str | None:
        return self.service.step

    async def healthy(self) -> bool:
        return await self.service.healthy()

    @property
    def atlases(self) -> OwnAtlases:
        return OwnAtlases(self.service.atlases, self.asker)

    async def areas_on(self, code: str | None, day: date | None) -> tuple[Held, date, Basis]:
        """A jurisdiction's atlas as it is now, the day (default today), and what an answer is made from."""
        made_from = basis((self.area_news, EVERY))
        if not made_from.holds():  # no notice would come: ask whether there is a new edition
            await run_in_threadpool(self.service.atlases.refresh)
        held = self.atlases.choose(code)
        return held, *made_from.on(day, held.jurisdiction)

    @property
    def rosters(self) -> Rosters:
        return self.service.rosters

    @property
    def reports(self) -> GroupCommit:
        return self.service.reports

    @property
    def darkroom(self) -> Darkroom:
        return self.service.darkroom

    @property
    def pages(self) -> Kept[str]:
        return self.service.pages

    @property
    def answers(self) -> Kept[Answer]:
        return self.service.answers

    @property
    def area_news(self) -> News:
        return self.service.area_news

    @property
    def report_news(self) -> News:
        return self.service.report_news

    @property
    def people_news(self) -> News:
        return self.service.people_news

    @property
    def case_news(self) -> News:
        return self.service.case_news

    @property
    def dues(self) -> Dues:
        return self.service.dues

    @property
    def ending(self) -> bool:
        return self.service.ending
