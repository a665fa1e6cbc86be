"""HTML of the service's own small pages: errors, the description of the interface, what problems mean.

Maps are drawn by gridmap.maps; here is only what stands where there is no map.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode

import jinja2
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from gridmap.faces.entrance.who import SIGN_IN, address_of, asker_of
from gridmap.faces.pages.menu import entrance_for, pages_for
from gridmap.maps.district import entrance, navigation
from gridmap.maps.page import Link
from gridmap.maps.words import HTML_LANG, LANGUAGES, words

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("gridmap.faces.pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_templates.filters["pretty"] = lambda value: json.dumps(value, ensure_ascii=False, indent=2)

_HEADINGS = {
    401: "请先登录",
    403: "不能这样做",
    404: "没有这个页面或数据",
    405: "这个地址不支持此操作",
    409: "与已存数据不一致",
    413: "内容过大",
    421: "访问地址不对",
    422: "参数不对",
    429: "尝试次数过多",
    500: "服务出错了",
    503: "正在启动,请稍候",
}
_FIELDS = {
    "month": "月份写作 2023-06 这样的四位年和两位月",
    "category": "类别用编码,如 matter-06011;可在热力图页的类别菜单中选择",
    "kind": "点位种类用编码,如 parking、night_market;可在点位页中选择",
    "jurisdiction": "请在地址中指明辖区编码 jurisdiction=…",
    "lang": "语言为 zh 或 en",
}


def page(
    scope: Scope,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page from a template, in the language of the request, under the header of all pages.

    `pages`, `language` and `entrance` of the header may be among the values.
    """
    lang = language_of(scope)
    asker = asker_of(scope)
    links = pages_for(asker) | entrance_for(asker, address_of(scope))
    header = {
        "said": words(lang),
        "pages": navigation(links, "", lang),
        "entrance": None if scope["path"] == SIGN_IN and asker is None else entrance(links),
        "language": _other_language(scope, lang),
    }
    text = _templates.get_template(template).render(
        {"lang": lang, "html_lang": HTML_LANG[lang], **header, **values}
    )
    return HTMLResponse(text, status, headers=dict(headers or {}))


def _other_language(scope: Scope, lang: str) -> Link | None:
    """The same address in the other language; none of what was sent, nor where secrets may be in it."""
    if scope["method"] != "GET" or scope["path"].startswith(SIGN_IN):
        return None
    other = LANGUAGES[1 - LANGUAGES.index(lang)]
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    asked = [(name, value) for name, value in query if name != "lang"]
    address = f"{quote(scope['path'])}?{urlencode([*asked, ('lang', other)])}"
    return Link(words(lang)["other_language"], address)


def template_text(template: str) -> str:
    """A template as it is written: with it, what is made from it changes."""
    assert _templates.loader is not None
    return _templates.loader.get_source(_templates, template)[0]


def error_page(
    scope: Scope,
    status: int,
    title: str,
    detail: str,
    errors: Sequence[tuple[str, str]],
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A refusal for people: what was wrong, what would be right, and the way back."""
    hints = [_FIELDS[name] for name, _ in errors if name in _FIELDS]
    return page(
        scope,
        "error.html",
        status,
        headers,
        heading=_HEADINGS.get(status, "请求未能完成"),
        number=status,
        title=title,
        detail=detail,
        hints=hints,
        refresh=status == 503,
    )


def language_of(scope: Scope) -> str:
    """?lang, else the cookie, else Chinese; whatever else stands there is passed over."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[-1]
    if asked in LANGUAGES:
        return asked
    try:
        cookie = SimpleCookie(Headers(scope=scope).get("cookie", "")).get("lang")
    except CookieError:
        cookie = None
    return cookie.value if cookie and cookie.value in LANGUAGES else LANGUAGES[0]
