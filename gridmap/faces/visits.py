"""A visit: the service as the one who asks may use it. A route has nothing else, so none shows too much."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

from gridmap.database.asker import Asker
from gridmap.database.sessions import Database
from gridmap.faces.atlases import Atlases
from gridmap.faces.group_commit import GroupCommit
from gridmap.faces.kept import Kept
from gridmap.faces.kept_answers import Answer
from gridmap.faces.news import News
from gridmap.faces.rosters import Rosters
from gridmap.faces.service import Service
from gridmap.people.oidc.provider import Provider
from gridmap.settings import Settings

ASKER = "gridmap.asker"  # in the scope of every request that has been let in


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's service. `asker` is None on what is public; `database` shows what they may see."""

    service: Service
    asker: Asker | None

    @classmethod
    def of(cls, service: Service, scope: Scope) -> Visit:
        return cls(service, scope.get(ASKER))

    @property
    def database(self) -> Database:
        database = self.service.database
        return database.asked_by(self.asker) if self.asker else database

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
    def atlases(self) -> Atlases:
        return self.service.atlases

    @property
    def rosters(self) -> Rosters:
        return self.service.rosters

    @property
    def reports(self) -> GroupCommit:
        return self.service.reports

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
