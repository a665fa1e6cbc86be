"""`/people`: who holds which post, what is vacant, accounts and tokens, tables. What happens on it is in
static/people/, and goes by the REST interface; no name or number of anybody stands in the page or an address.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gridmap.areas.atlas import Atlas
from gridmap.areas.model import Jurisdiction
from gridmap.database.asker import Asker
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf
from gridmap.faces.pages.maps import asked_of, remembering
from gridmap.faces.pages.rendering import page
from gridmap.faces.requests import PageRoute
from gridmap.faces.rest.people import steward
from gridmap.faces.shapes import people_wire
from gridmap.maps.district import entrance, language, navigation
from gridmap.maps.words import LANGUAGES, of_page, titled, words
from gridmap.maps.words import people as own_words
from gridmap.people import store
from gridmap.people.credentials.model import ADMINISTRATOR, OF_A_PERSON, ROLES
from gridmap.people.model import Party
from gridmap.people.seats import CHIEFS

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PARTS = ("vacancies", "people", "accounts", "tokens", "tables")
DOWNLOADS = (
    ("table_people", {"table": "people"}),
    ("table_duties", {"table": "duties"}),
    ("table_past", {"table": "duties", "past": "true"}),
    ("table_parties", {"table": "parties"}),
)


@router.get("/people")
def people(
    request: Request, service: ServiceOf, lang: Language, jurisdiction: JurisdictionCode = None
) -> Response:
    """The page of those who keep people and accounts."""
    held, asked, asker = service.atlases.choose(jurisdiction), asked_of(request, lang), steward(service)
    owner, text, links = held.jurisdiction, of_page(own_words.WORDS, lang), asked.links("/people")
    with service.database.reading() as connection:
        posts = [people_wire.post(each) for each in store.posts(connection).values()]
        parties = store.parties(connection, owner.code, day=owner.today())
    downloads = [
        (
            text[key],
            [(form, asked.url("/api/v1/exports/people", **own, format=form)) for form in ("xlsx", "csv")],
        )
        for key, own in DOWNLOADS
    ]
    answer = page(
        request.scope,
        "people.html",
        words=words(lang),
        text=text,
        name=titled(owner.name, owner.name_en, lang),
        illustrative=owner.illustrative,
        pages=navigation(links, "people", lang),
        language=language(links, lang),
        entrance=entrance(links),
        parts=[(part, text[part]) for part in PARTS],
        posts=[(post["code"], post["name_en"] if lang == "en" else post["name"]) for post in posts],
        communities=_communities(held.atlas, owner),
        downloads=downloads,
        data=_data(owner, asker, lang, text, posts, parties) | {"keep": {"jurisdiction": jurisdiction}},
    )
    return remembering(request, answer)


def _communities(atlas: Atlas, owner: Jurisdiction) -> list[tuple[str, str]]:
    sheet = atlas.sheet("community", owner.today())
    return [(area.code, area.name) for area in sheet.versions] if sheet else []


def _data(
    owner: Jurisdiction,
    asker: Asker,
    lang: str,
    text: dict[str, str],
    posts: list[dict[str, object]],
    parties: list[Party],
) -> dict[str, object]:
    """What the scripts are told; nobody's name is among it."""
    index = LANGUAGES.index(lang)
    return {
        "lang": lang,
        "today": owner.today().isoformat(),
        "words": text,
        "posts": posts,
        "parties": {each.code: titled(each.name, each.name_en, lang) for each in parties},
        "roles": {role: names[index] for role, names in ROLES.items()},
        "chiefs": CHIEFS,
        # the least first: who is in doubt gives that
        "gives": [r for r in reversed(ROLES) if r != ADMINISTRATOR or ADMINISTRATOR in asker.roles],
        "of_a_person": OF_A_PERSON,
    }
