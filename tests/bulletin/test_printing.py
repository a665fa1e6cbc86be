"""The PDF: eight A4 pages that can be searched, with fonts inside, the same bytes twice."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
from datetime import UTC, date, datetime

import pypdf
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gridmap.bulletin.paper import frame
from gridmap.bulletin.paper import pages as paper
from gridmap.bulletin.printed import Printed
from gridmap.bulletin.printing import PAGES, bulletin_pdf, sheets
from gridmap.bulletin.voice import Voice
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput
from gridmap.maps.lettering import MISSING, Sheet
from gridmap.statistics.digests.making import digest
from gridmap.statistics.digests.model import Digest
from tests.bulletin import sample

MM = 72 / 25.4
ODD = {
    "plain": sample.digest,
    "empty": sample.empty,
    "one grid": sample.one_grid,
    "broad": lambda: sample.chequered(12, 4, 0.12, 0.03),
    "tall": lambda: sample.chequered(4, 14, 0.02, 0.12),
    "communities": lambda: sample.chequered(30, 20, 0.1, 0.08, "community"),
    "first month": lambda: sample.digest(before=False),
    "long names": lambda: sample.digest(name="{}" + "很长的名字（附属区域）" * 4, many=40),
    "any name": lambda: sample.digest(name="$\\frac{{1}}{{0}}$<b>&\ud800\0\x1b😀䶮{}"),
}


@pytest.fixture(scope="module")
def june(demo_database) -> Digest:
    return digest(demo_database, JURISDICTION, date(2023, 6, 1))


@pytest.fixture(scope="module")
def printed(june) -> bytes:
    return bulletin_pdf(june)


@pytest.fixture(scope="module")
def pages(printed) -> list[str]:
    return texts(printed)


def texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_it_is_eight_pages_of_a4_under_3_mb(printed) -> None:
    pages = pypdf.PdfReader(io.BytesIO(printed)).pages
    assert len(pages) == len(PAGES) + 1 == 8
    for page in pages:
        assert [float(side) / MM for side in page.mediabox[2:]] == pytest.approx([210, 297], abs=0.5)
    assert len(printed) < 3_000_000


def test_chinese_can_be_searched_and_every_page_says_what_it_is(pages, june) -> None:
    until = june.data_until.astimezone(JURISDICTION.zone).strftime("%Y-%m-%d %H:%M")
    for number, text in enumerate(pages, start=1):
        assert f"{number} / 8" in text
        assert "示意数据" in text
        assert "新城街道" in text
        assert "2023年6月" in text
        assert f"数据截至 {until}" in text
        assert MISSING not in text
    for page, wanted in (
        (0, ("网格月报", "本月看点", f"{june.heat.total:,}", "云杉社区第06网格")),
        (1, ("每网格上报件数", "存疑坐标", "每平方公里件数", "≥ 100", "500 m", "1 km")[:4]),
        (2, ("说明什么", "不说明什么", "Gi*")),
        (3, ("暴露垃圾", "机动车乱停放", "未检验")),
        (4, ("增加最多", "减少最多", "2022年6月")),
        (5, ("金圣国际夜市", "每百车位", "营业时间外")),
        (6, ("小广告清除", "878", "4,559", "m²")),
        (7, ("Benjamini", "Asia/Shanghai", str(june.hot.seed), "9,999", "BD-09")),
    ):
        for text in wanted:
            assert text in pages[page]


def test_its_numbers_are_those_of_the_digest(pages, june) -> None:
    for each in june.categories:
        assert re.search(rf"{each.category.name}\s+{each.count:,}\s", pages[3])
    assert june.private_left_out > 0
    assert f"本月因此未列出 {june.private_left_out} 件" in re.sub(r"\s*\n\s*", "", pages[7])
    for each in june.works:
        assert each.kind.name in pages[6]
    busiest = max(june.places, key=lambda place: place.reports)
    assert re.search(rf"{busiest.reports:,}\s+{busiest.per_100_spaces:.1f}", pages[5])


def test_all_fonts_are_inside(printed) -> None:
    for page in pypdf.PdfReader(io.BytesIO(printed)).pages:
        for font in page["/Resources"]["/Font"].values():
            whole = font.get_object()
            kinds = [kid.get_object() for kid in whole.get("/DescendantFonts", [whole])]
            assert "NotoSansCJKsc" in str(whole["/BaseFont"])
            assert all("/FontFile2" in kind["/FontDescriptor"].get_object() for kind in kinds)


def test_the_same_digest_gives_the_same_bytes_whenever(printed, june) -> None:
    later = dataclasses.replace(june.heat, generated_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert bulletin_pdf(dataclasses.replace(june, heat=later)) == printed
    made = pypdf.PdfReader(io.BytesIO(printed)).metadata
    assert made is not None
    assert made.title == "新城街道 2023年6月 网格月报"
    assert made.creation_date == june.data_until.replace(microsecond=0)
    assert made.modification_date in (None, made.creation_date)


def test_without_the_mark_where_nothing_is_made_up() -> None:
    town = sample.digest()
    real = dataclasses.replace(town, heat=dataclasses.replace(town.heat, illustrative=False))
    assert not any("示意数据" in text for text in texts(bulletin_pdf(real)))


def test_english() -> None:
    pages = texts(bulletin_pdf(sample.digest(), lang="en"))
    assert "Monthly grid bulletin" in pages[0]
    assert "June 2023" in pages[0]
    assert "What a star means" in pages[2]
    with pytest.raises(BadInput, match="language"):
        bulletin_pdf(sample.digest(), lang="de")


def test_as_published_and_cut_again_are_said() -> None:
    asked = dataclasses.replace(sample.digest(), as_of=datetime(2023, 7, 3, 1, 0, tzinfo=UTC), recut=7)
    pages = texts(bulletin_pdf(asked))
    assert "按 2023-07-03 09:00 当时的记录" in pages[0]
    assert "按网格版本 7 重新切分" in pages[0]
    assert "2023-07-03 09:00" in pages[7]


def test_a_month_before_the_first_report_draws_no_change() -> None:
    pages = texts(bulletin_pdf(sample.digest(before=False)))
    assert "没有可比的数" in pages[4]
    assert "增加最多" not in pages[4]
    assert "早于首次上报" in pages[0]


def test_steps_are_told_and_can_end_the_work() -> None:
    told: list[str] = []

    def step(name: str) -> None:
        told.append(name)
        if name == "change":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        bulletin_pdf(sample.digest(), step=step)
    assert told == ["cover", "heat", "significant", "categories", "change"]
    bulletin_pdf(sample.digest())  # the next one is not held up


def ink(sheet: Sheet) -> list[tuple[str, tuple[float, ...]]]:
    """Every text of a sheet with its ink in millimetres: left, bottom, right, top."""
    renderer = FigureCanvasAgg(sheet.figure).get_renderer()
    per_mm = sheet.figure.dpi / 25.4
    found = []
    for text in sheet.figure.texts:
        if text.get_text().strip():
            box = text.get_window_extent(renderer)
            sides = (side / per_mm for side in (box.x0, box.y0, box.x1, box.y1))
            found.append((text.get_text(), tuple(sides)))
    return found


def overlapping(one: tuple[float, ...], other: tuple[float, ...], by: float = 0.35) -> bool:
    """By more than the air that a text's box has around its ink."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > by and high > by + 0.25 * min(one[3] - one[1], other[3] - other[1])


@pytest.mark.parametrize(
    ("name", "lang"),
    [*((name, "zh") for name in ODD), *((name, "en") for name in ("plain", "empty", "broad"))],
)
def test_nothing_overlaps_and_nothing_leaves_the_page(name: str, lang: str) -> None:
    for number, sheet in enumerate(sheets(ODD[name](), lang), start=1):
        found = ink(sheet)
        assert found
        for text, (left, bottom, right, top) in found:
            assert 9 <= left <= right <= sheet.width - 9, (number, text)
            assert 5 <= bottom <= top <= sheet.height - 5, (number, text)
        clashes = [
            (one, other)
            for (one, box), (other, beside) in itertools.combinations(found, 2)
            if overlapping(box, beside)
        ]
        assert clashes == [], number


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_private_reports_left_out_are_told(lang: str) -> None:
    town = sample.digest()
    voice = Voice(lang, "grid")
    for draw in (paper.heat_map, paper.method_notes):
        sheet, box = frame.page(town, voice, 2, 8)
        draw(sheet, box, Printed(town, 37), voice)
        found = ink(sheet)
        assert any("37" in text for text, _ in found)
        assert not any(overlapping(a[1], b[1]) for a, b in itertools.combinations(found, 2))


def test_the_demonstration_overlaps_nowhere(june) -> None:
    for sheet in sheets(june, "zh"):
        found = ink(sheet)
        assert not any(overlapping(a[1], b[1]) for a, b in itertools.combinations(found, 2))


def test_a_month_before_the_system_is_not_called_quiet() -> None:
    town = sample.empty()
    early = dataclasses.replace(town, heat=dataclasses.replace(town.heat, month=date(2021, 1, 1)))
    first = texts(bulletin_pdf(early))[0]
    assert "本月早于本系统的首次上报（2022年7月）" in first
    assert "确实平静" not in first
    assert "确实平静" in texts(bulletin_pdf(town))[0]
