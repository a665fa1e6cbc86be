"""`/my`, the phone of a grid member: the shell, its service worker, and what lies under its maps.

The shell holds nothing of anybody and no data: a phone keeps it and opens it without a network. Who is signed
in and what waits for them its scripts ask of the interface (static/my). The worker names every file of the
shell with a version that is made from their bytes, so a phone fetches them anew exactly when one has changed.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

import shapely
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from gridmap.areas.model import AREA_KINDS
from gridmap.backdrop import store as backdrop
from gridmap.backdrop.model import Trace
from gridmap.cases.model import FINDINGS
from gridmap.cases.workflow import moves, states
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf
from gridmap.faces.pages.files import STATIC
from gridmap.faces.pages.maps import remembering
from gridmap.faces.pages.rendering import page, template_text
from gridmap.faces.requests import PageRoute
from gridmap.faces.shapes import answers
from gridmap.faces.shapes.values import Bbox, box
from gridmap.maps import layers
from gridmap.maps.page import ASSETS, script_json
from gridmap.maps.words import HTML_LANG, LANGUAGES, refusals, words
from gridmap.places.model import PLACE_KINDS
from gridmap.works import store as works

router = APIRouter(include_in_schema=False, route_class=PageRoute)

VENDORED = ("leaflet/leaflet.js", "leaflet/leaflet.css", "gridmap/base.js", "gridmap/backdrop.js")
OWN_WORDS = ("zoom_in", "zoom_out", "other_language", "due_by", "due_today", "due_tomorrow")
LATE_WORDS = ("late_minutes", "late_hours", "late_days")
JAVASCRIPT = "text/javascript; charset=utf-8"
# a worker goes by the policy of its own script, and this one imports ours, fetches the shell and sends
WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"


@router.get("/my")
def my(request: Request, lang: Language) -> Response:
    """The shell. It has both languages in it: where there is no network, no other can be fetched."""
    return remembering(request, page(request.scope, "my.html", said=_said(), words=words(lang)))


@router.get("/my-worker.js")
def worker() -> Response:
    """The service worker, public as all files are: its few own lines are what a phone compares."""
    files = [f"/static/{name}" for name in _files()]
    said = f"{json.dumps(_version())}, {json.dumps(files)}"
    text = f'import {{ work }} from "/static/my/worker.js";\nwork({said});\n'
    return Response(text, media_type=JAVASCRIPT, headers={"Content-Security-Policy": WORKER_POLICY})


@router.get("/my/ground")
def ground(service: ServiceOf, jurisdiction: JurisdictionCode = None, bbox: Bbox = None) -> Response:
    """What lies under the maps of a box (or everywhere), what work can be counted in, and the time zone."""
    asked = box(bbox)
    owner = service.atlases.choose(jurisdiction).jurisdiction
    with service.database.reading() as connection:
        traces = backdrop.backdrop(connection, owner.code)
        kinds = works.kinds(connection).values()
    drawn = {
        "backdrop": layers.backdrop_payload(_within(traces, asked), None),
        "styles": layers.styles_payload(),
    }
    said = [{"code": k.code, "name": k.name, "name_en": k.name_en, "unit": k.unit} for k in kinds]
    return answers.data({"ground": drawn, "kinds": said, "zone": owner.time_zone})


def _within(traces: list[Trace], asked: tuple[float, float, float, float] | None) -> list[Trace]:
    if asked is None or not traces:
        return traces
    cut = shapely.clip_by_rect([trace.geometry for trace in traces], *asked)
    return [
        Trace(trace.kind, trace.name, piece)
        for trace, piece in zip(traces, cut, strict=True)
        if not piece.is_empty
    ]


@cache
def _said() -> Markup:
    """The words of both languages and the names of what has codes, as JSON inside the shell."""
    names: dict[str, dict[str, Any]] = {
        "states": {code: (state.name, state.name_en) for code, state in states().items()},
        "findings": FINDINGS,
        "moves": moves(),
        "milestones": {**moves(), "handle": ("处理", "Handle")},
        "area_kinds": AREA_KINDS,
        "place_kinds": PLACE_KINDS,
    }
    shown = {
        lang: {
            key: text
            for key, text in words(lang).items()
            if key.startswith(("my_", "notice_")) or key in (*OWN_WORDS, *LATE_WORDS, *refusals.WORDS)
        }
        for lang in LANGUAGES
    }
    return Markup(script_json({"words": shown, "names": names, "html_lang": HTML_LANG}))


@cache
def _files() -> tuple[str, ...]:
    """Everything that the shell fetches, below /static/."""
    own = sorted(path.name for path in (STATIC / "my").iterdir() if path.suffix in (".js", ".css", ".png"))
    return ("common.js", *(f"my/{name}" for name in own), *(f"vendor/{name}" for name in VENDORED))


@cache
def _version() -> str:
    """Another one whenever a file of the shell, or the shell, has changed."""
    digest = hashlib.sha256(_said().encode())
    digest.update(template_text("my.html").encode())
    for name in _files():
        folder, rest = (
            (ASSETS, name.removeprefix("vendor/")) if name.startswith("vendor/") else (STATIC, name)
        )
        digest.update(f"\0{name}\0".encode() + (folder / rest).read_bytes())
    return digest.hexdigest()[:16]
