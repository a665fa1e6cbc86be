"""The shell of /my over HTTP: whole, impersonal, without code of its own; its worker names all it needs."""

from __future__ import annotations

import json
import re

import pytest

from gridmap.faces.pages import my


def files_of(worker: str) -> list[str]:
    return json.loads(re.search(r"\[.*\]", worker)[0])


def test_the_worker_names_everything_that_the_page_fetches(client):
    worker = client.get("/my-worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    files = files_of(worker.text)
    assert len(files) == len(set(files)) > 20
    text = {path: client.get(path) for path in files}
    assert {answer.status_code for answer in text.values()} == {200}
    page = client.get("/my").text
    fetched = set(re.findall(r'<(?:script|link)\b[^>]*?(?:src|href)="(/static/[^"]+)"', page))
    assert {path for path in fetched if not path.endswith(".webmanifest")} <= set(files)
    for path, answer in text.items():
        folder = path.rpartition("/")[0]
        for name in re.findall(r'^import .* from "\./([^"]+)"', answer.text, re.MULTILINE):
            assert f"{folder}/{name}" in files
        if '"../common.js"' in answer.text:
            assert "/static/common.js" in files


def test_the_worker_may_do_what_it_does(client):
    policy = client.get("/my-worker.js").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "manifest-src 'self'" in client.get("/my").headers["content-security-policy"]


def test_the_shell_has_nothing_of_anybody_and_no_code(client):
    page = client.get("/my").text
    assert page == client.get("/my").text
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert all("src=" in attributes or "application/json" in attributes for attributes, _ in scripts)
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", page)
    said = json.loads(next(text for attributes, text in scripts if "json" in attributes))
    assert said["words"]["zh"].keys() == said["words"]["en"].keys()


def test_a_changed_file_is_another_version(client, monkeypatch, tmp_path):
    assert my._version() in client.get("/my-worker.js").text
    my._version.cache_clear()
    before = my._version()
    (tmp_path / "my").mkdir()
    for name in my._files():
        if not name.startswith("vendor/"):
            (tmp_path / name).write_bytes((my.STATIC / name).read_bytes())
    monkeypatch.setattr(my, "STATIC", tmp_path)
    my._version.cache_clear()
    assert my._version() == before
    with (tmp_path / "my/main.js").open("a") as file:
        file.write("\n")
    my._version.cache_clear()
    assert my._version() != before
    my._version.cache_clear()


def test_the_manifest_is_one(client):
    answer = client.get("/static/my/my.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert manifest["start_url"] == "/my"
    for icon in manifest["icons"]:
        picture = client.get(icon["src"])
        size = int.from_bytes(picture.content[16:20], "big")
        assert picture.headers["content-type"] == "image/png"
        assert icon["sizes"] == f"{size}x{size}"


def test_the_ground_is_cut_to_a_box(client):
    answer = client.get("/my/ground")
    assert answer.json().keys() == {"ground", "kinds", "zone"}
    assert answer.json()["zone"] == "Asia/Shanghai"
    assert {
        "code": "film_showing",
        "name": "电影放映",
        "name_en": "Film showing",
        "unit": "场",
    } in answer.json()["kinds"]
    assert client.get("/my/ground", params={"bbox": "1,2,3"}).status_code == 422


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_shell_comes_in_the_language_of_whoever_asks(client, lang):
    page = client.get("/my", params={"lang": lang})
    assert ("我的网格" if lang == "zh" else "My grids") in page.text
    assert page.cookies["lang"] == lang
