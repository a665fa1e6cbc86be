"""Offline pages: nothing from another host, the same text twice, one escaping place."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys

import folium
import folium.plugins
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.maps.folium_map import OfflineMap
from gridmap.maps.page import Frame, Link, Scene, render, safe, script_json
from gridmap.maps.words import words


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Z", "Cc", "Cs"])))
def test_safe_text_has_nothing_active_left_and_reads_the_same(text: str) -> None:
    escaped = safe(text)
    readable = text.replace("\0", "�").encode("utf-8", "replace").decode()
    assert not re.search(r"[<>\"'`${}\\]", escaped)
    assert html.unescape(escaped) == readable
    assert jinja2.Template(escaped).render().split() == escaped.split()


@given(st.recursive(st.text() | st.integers(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)))
def test_script_json_is_json_and_cannot_end_its_script(value: object) -> None:
    text = script_json(value)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == value


def test_script_json_survives_a_lone_surrogate() -> None:
    assert json.loads(script_json(["\ud800x"])) == ["?x"]


def test_a_page_asks_no_other_host_and_carries_no_foreign_prefix() -> None:
    text = render(OfflineMap((36.6, 109.48)))
    loading = (
        r"""<(?:script|link|img)[^>]*(?:src|href)=["']?(?!data:)[^"'\s>]+|@import|url\((?!["']?data:|#)"""
    )
    assert re.findall(loading, text) == []
    assert "setPrefix(false)" in text
    assert "bootstrap" not in text.lower()
    assert "sourceMappingURL" not in text


def test_linked_assets_point_below_the_prefix() -> None:
    text = render(OfflineMap((36.6, 109.48)), "/static/vendor/")
    assert '<script src="/static/vendor/leaflet/leaflet.js">' in text
    assert '<link rel="stylesheet" href="/static/vendor/leaflet/leaflet.css">' in text
    assert len(text) < 10_000


def test_jquery_only_where_a_popup_is() -> None:
    plain, popped = OfflineMap((36.6, 109.48)), OfflineMap((36.6, 109.48))
    folium.Marker((36.6, 109.48), popup=folium.Popup("text")).add_to(popped)
    assert "jquery" not in render(plain, "/v/")
    assert "/v/jquery/jquery.min.js" in render(popped, "/v/")
    assert "/v/jquery/" not in render(OfflineMap((36.6, 109.48)), "/v/")


def test_what_is_not_vendored_stops_the_rendering() -> None:
    m = OfflineMap((36.6, 109.48))
    folium.plugins.Fullscreen().add_to(m)
    with pytest.raises(LookupError, match="not vendored"):
        render(m)


def test_a_hand_made_outside_link_stops_the_rendering() -> None:
    m = OfflineMap((36.6, 109.48))
    m.get_root().header.add_child(folium.Element('<link rel="stylesheet" href="https://example.org/x.css">'))
    with pytest.raises(LookupError, match="another host"):
        render(m)


def test_two_renders_are_equal() -> None:
    def one() -> str:
        m = OfflineMap((36.6, 109.48))
        group = folium.FeatureGroup("点").add_to(m)
        folium.Marker((36.6, 109.48), popup=folium.Popup("a"), tooltip="b").add_to(group)
        folium.LayerControl().add_to(m)
        return render(m)

    assert one() == one()


def test_hashes_in_texts_are_left_alone() -> None:
    digest = "0123456789abcdef0123456789abcdef"
    m = OfflineMap((36.6, 109.48))
    m.add_child(Scene("district", {"name": digest}))
    assert digest in render(m)


def test_a_scene_is_not_a_template() -> None:
    m = OfflineMap((36.6, 109.48))
    m.add_child(Scene("district", {"name": "{{ 7 * 7 }}{% raw %}{# x #}"}))
    assert "{{ 7 * 7 }}{% raw %}{# x #}" in render(m)


def test_the_frame_escapes_and_marks() -> None:
    frame = Frame(
        title="<t>",
        heading="<h>",
        pages=(Link("<l>", '/a?b=1&c="', True),),
        illustrative=True,
        language=Link("English", "/?lang=en"),
    )
    text = render(OfflineMap(), "/v/", "zh", frame=frame)
    assert "<title>&lt;t&gt;</title>" in text
    assert "<h1>&lt;h&gt;</h1>" in text
    assert 'href="/a?b=1&amp;c=&#34;" aria-current="page">&lt;l&gt;' in text
    assert words("zh")["illustrative"] in text
    assert '<html lang="zh-CN">' in text
    assert 'content="width=device-width, initial-scale=1"' in text


@pytest.mark.parametrize(("lang", "mark"), [("zh", "示意数据"), ("en", "Illustrative data")])
def test_the_mark_is_there_only_when_meant(lang: str, mark: str) -> None:
    assert mark in render(OfflineMap(), "/v/", lang, frame=Frame("t", "h", illustrative=True))
    assert mark not in render(OfflineMap(), "/v/", lang, frame=Frame("t", "h"))


def test_an_unknown_language_names_its_field() -> None:
    with pytest.raises(BadInput, match="lang: 'fr'"):
        render(OfflineMap(), "/v/", "fr")


def test_our_own_pages_leave_pandas_alone() -> None:
    """60 MB and half a second of every process that draws a page."""
    asked = (
        "import sys, gridmap.maps.heat, gridmap.maps.places; print({'folium', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
