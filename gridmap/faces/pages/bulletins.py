"""`/bulletins`: what is published, and having one made. Making and polling is static/bulletins.js."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fastapi import APIRouter, Request, Response

from gridmap.areas.model import Jurisdiction
from gridmap.bulletin.archive import store
from gridmap.bulletin.archive.model import Bulletin
from gridmap.bulletin.packing.model import suffix_of
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf
from gridmap.faces.pages.maps import Asked, asked_of, remembering
from gridmap.faces.pages.rendering import page
from gridmap.faces.requests import PageRoute
from gridmap.faces.rest.jobs import described
from gridmap.faces.shapes import answers
from gridmap.jobs import store as jobs
from gridmap.jobs.bulletins import BY_ITSELF, KIND
from gridmap.maps.district import entrance, language, navigation
from gridmap.maps.words import month_name, titled, words
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.months import month_text, next_month

router = APIRouter(include_in_schema=False, route_class=PageRoute)

FILES = {
    "pdf": "print_file",
    "html": "screen_file",
    "xlsx": "numbers_file",
    "gpkg": "layers_file",
    "json": "manifest_file",
}
# what the script shows
SAID = (
    *("cancel_job", "dismiss_job", "job_waiting", "job_running", "job_cancelling", "job_done", "job_same"),
    *("job_failed", "job_cancelled", "job_lost", "step_of"),
    *("step_numbers", "step_cover", "step_heat", "step_significant", "step_categories", "step_change"),
    *("step_places", "step_works", "step_method", "step_file", "step_html", "step_xlsx", "step_gpkg"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a month: (label, address, size) of each file."""

    number: str
    published: str
    files: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Month:
    value: str
    label: str
    numbers: tuple[Entry, ...]  # newest first


@router.get("/bulletins")
def bulletins(
    request: Request, service: ServiceOf, lang: Language, jurisdiction: JurisdictionCode = None
) -> Response:
    """Published bulletins, newest month first, in the language of the page; and what is being made."""
    held, asked = service.atlases.choose(jurisdiction), asked_of(request, lang)
    owner = held.jurisdiction
    with service.database.reading() as connection:
        known = store.bulletins(connection, owner.code)
        span = months_with_reports(connection, owner)
        living = [described(connection, each) for each in jobs.living(connection, KIND, owner.code)]
    here = [each for each in known if each.lang == lang]
    choices = _months(owner, span, lang)
    text, links = words(lang), asked.links("/bulletins")
    said = {key: text[key] for key in SAID} | {"months": {value: label for value, label, _ in choices}}
    answer = page(
        request.scope,
        "bulletins.html",
        words=text,
        name=titled(owner.name, owner.name_en, lang),
        illustrative=owner.illustrative,
        pages=navigation(links, "bulletins", lang),
        language=language(links, lang),
        entrance=entrance(links),
        months=choices,
        hidden=[("lang", lang), *(pair for pair in asked.kept if pair[0] != "lang")],
        published=_published(owner, here, asked, lang),
        living=answers.text([each for each in living if each["asked"]["lang"] == lang]),
        shown=json.dumps(said, ensure_ascii=False),
    )
    return remembering(request, answer)


def _months(owner: Jurisdiction, span: tuple[date, date] | None, lang: str) -> list[tuple[str, str, bool]]:
    """(value, label, whether chosen at first) of each month from the first report to now, newest first."""
    if span is None:
        return []
    current = owner.today().replace(day=1)
    # what people want is last month, or where nothing was reported since, the last with reports
    wanted = min(span[1], next_month(current, -1))
    months, month = [], max(min(span[1], current), wanted)
    while month >= span[0]:
        name = month_name(month, lang)
        label = words(lang)["month_not_over"].format(month=name) if month == current else name
        months.append((month_text(month), label, month == wanted))
        month = next_month(month, -1)
    return months


def _published(owner: Jurisdiction, known: Sequence[Bulletin], asked: Asked, lang: str) -> list[Month]:
    return [
        Month(
            month_text(month),
            month_name(month, lang),
            tuple(_entry(owner, each, asked, lang) for each in of_month),
        )
        for month, of_month in groupby(known, key=lambda each: each.month)
    ]


def _entry(owner: Jurisdiction, each: Bulletin, asked: Asked, lang: str) -> Entry:
    text = words(lang)
    moment = each.published_at.astimezone(owner.zone).strftime("%Y-%m-%d %H:%M")
    key = "published_itself" if each.published_by == BY_ITSELF else "published_at"
    own = {"month": month_text(each.month), "lang": each.lang, "number": str(each.number)}
    address = "/api/v1/exports/bulletin"
    files = [(text["all_files"], asked.url(address, **own), "")]
    sizes = {suffix_of(file["name"]): file["bytes"] for file in each.manifest["files"]}
    for suffix, word in FILES.items():
        size = f"{sizes[suffix] / 1024:,.0f} KB" if suffix in sizes else ""
        files.append((text[word], asked.url(address, **own, file=suffix), size))
    number = text["bulletin_number"].format(number=each.number)
    return Entry(number, text[key].format(moment=moment), tuple(files))
