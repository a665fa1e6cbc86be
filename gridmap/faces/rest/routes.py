"""All routers of the REST interface."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from gridmap.faces.rest import (
    accounts,
    areas,
    bulletins,
    case_work,
    cases,
    documents,
    duties,
    exports,
    inspections,
    jobs,
    locate,
    me,
    patterns,
    people,
    people_files,
    photos,
    places,
    reports,
    statistics,
    tiles,
    works,
)
from gridmap.settings import Settings

ROUTERS = (
    locate.router,  # the first are found first: each route before costs 10 µs
    tiles.router,
    reports.router,
    photos.router,
    areas.router,
    places.router,
    works.router,
    cases.router,
    people.router,
    duties.router,
    accounts.router,
    people_files.router,
    case_work.router,
    me.router,
    inspections.router,
    statistics.router,
    patterns.router,
    exports.router,
    bulletins.router,
    jobs.router,
    documents.router,
)

# (router, endpoint) of those that answer the ordinary request without the framework: see faces.hot
HOT: tuple[tuple[APIRouter, Callable[..., Any]], ...] = (
    (locate.router, locate.locate),
    (reports.router, reports.create),
    (tiles.router, tiles.areas),
    (tiles.router, tiles.reports),
    (areas.router, areas.areas),
)


def body_limits(settings: Settings) -> tuple[tuple[re.Pattern[str], int], ...]:
    """(whole paths, bytes) of addresses whose bodies have another limit than `body_limit`."""
    return ((photos.UPLOADS, settings.photo_limit),)
