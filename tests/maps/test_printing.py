"""The sheet: A4, the same bytes twice, a real font inside, and texts that can be read out again."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pypdf
import pytest
import shapely
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from PIL import Image

from gridmap.errors import BadInput
from gridmap.maps.lettering import Sheet
from gridmap.maps.printing import draw, heat_sheet
from gridmap.statistics.model import MonthHeat, Titled
from tests.maps import sample

MM = 72 / 25.4


def text_of(pdf: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_the_pdf_is_one_a4_page_with_truetype_inside() -> None:
    pdf = heat_sheet(sample.heat(), "pdf")
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    size = sorted(float(side) / MM for side in reader.pages[0].mediabox[2:])
    assert size == pytest.approx([210, 297], abs=0.5)
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    kinds = {kid.get_object()["/Subtype"] for font in fonts for kid in font.get("/DescendantFonts", [font])}
    assert kinds <= {"/CIDFontType2", "/TrueType"}
    assert all("NotoSansCJKsc" in str(font["/BaseFont"]) for font in fonts)
    assert reader.metadata is not None
    assert reader.metadata.title == "新城街道 2023年6月 全部类别"
    assert reader.metadata.creation_date == sample.heat().generated_at


def test_what_the_sheet_says() -> None:
    text = text_of(heat_sheet(sample.heat(category=Titled("matter-09001", "占道经营")), "pdf"))
    for wanted in (
        "新城街道 2023年6月网格事件月度热力图", "占道经营", "示意数据", "139", "件数最多的网格", "75",
        "资料来源：新城街道网格上报记录", "2024-01-04 11:00 (Asia/Shanghai)", "街道界", "1–2", "≥ 50",
        "500 m",
    ):  # fmt: skip
        assert wanted in text


def test_the_mark_is_printed_only_when_meant() -> None:
    assert "示意数据" not in text_of(heat_sheet(sample.heat(illustrative=False), "pdf"))


def test_the_png_is_a4_at_240_dpi() -> None:
    picture = Image.open(io.BytesIO(heat_sheet(sample.heat(), "png")))
    assert sorted(picture.size) == pytest.approx([210 / 25.4 * 240, 297 / 25.4 * 240], abs=1)
    assert picture.info["dpi"] == pytest.approx((240, 240), abs=0.1)


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_the_same_month_gives_the_same_bytes(format: str) -> None:
    assert heat_sheet(sample.heat(), format) == heat_sheet(sample.heat(), format)


def test_a_broad_district_is_printed_broad() -> None:
    heat = sample.heat()
    broad = dataclasses.replace(heat, outline=shapely.box(109.3, 36.6, 109.5, 36.65))
    box = pypdf.PdfReader(io.BytesIO(heat_sheet(broad, "pdf"))).pages[0].mediabox
    assert box.width > box.height
    tall = dataclasses.replace(heat, outline=shapely.box(109.46, 36.5, 109.5, 36.65))
    box = pypdf.PdfReader(io.BytesIO(heat_sheet(tall, "pdf"))).pages[0].mediabox
    assert box.width < box.height


def test_a_month_without_reports_is_a_sheet() -> None:
    text = text_of(heat_sheet(sample.heat(counts=(0,) * 9), "pdf"))
    assert "本月无上报" in text
    assert "该月份、该类别没有任何上报记录" in text


def test_a_district_without_a_backdrop_or_communities_is_a_sheet() -> None:
    heat = sample.heat()
    bare = dataclasses.replace(
        heat, backdrop=(), grids=tuple(dataclasses.replace(grid, community="") for grid in heat.grids)
    )
    text = text_of(heat_sheet(bare, "pdf"))
    assert "139" in text
    assert "街道界" in text
    assert "网格界" in text
    for missing in ("社区界", "主要道路", "河流水面"):
        assert missing not in text
    assert "社区" not in text.split()  # the table's column


def test_each_line_is_in_the_legend_when_it_is_drawn() -> None:
    heat = sample.heat()
    whole = text_of(heat_sheet(heat, "pdf"))
    assert all(key in whole for key in ("街道界", "社区界", "网格界", "主要道路", "河流水面"))
    assert "社区" in whole.split()
    dry = [trace for trace in heat.backdrop if trace[0] not in ("river", "water")]
    far = [("river", "远河", shapely.LineString([(0, 0), (1, 1)]))]
    text = text_of(heat_sheet(dataclasses.replace(heat, backdrop=(*dry, *far)), "pdf"))
    assert "主要道路" in text
    assert "河流水面" not in text


def crowded(side: float) -> MonthHeat:
    """The town on a sheet so wide that its grids are small: `side` is the sheet's extent in grids."""
    outline = sample.square((3 - side) / 2, (3 - side) / 2, side, side)
    heat = sample.heat(counts=(8, 88, 888) * 3)
    halves = [
        dataclasses.replace(
            grid, geometry=shapely.affinity.affine_transform(grid.geometry, (0.5, 0, 0, 1, x / 2, 0))
        )
        for grid in heat.grids
        for x in (grid.geometry.bounds[0], grid.geometry.bounds[2])
    ]
    return dataclasses.replace(heat, grids=tuple(halves), outline=outline)


def inked(sheet: Sheet, wanted: Callable[[Text], bool]) -> np.ndarray:
    """Where the texts that are wanted, and they alone, leave ink."""
    for text in sheet.figure.texts:
        text.set_visible(wanted(text))
    for other in (*sheet.figure.axes, *sheet.figure.artists):
        other.set_visible(False)
    return np.asarray(Image.open(io.BytesIO(sheet.png())).convert("L")) < 250


@pytest.mark.parametrize("side", [3, 5, 9, 16])
def test_no_community_name_covers_a_count_or_a_grid_name(side: float) -> None:
    sheet = draw(crowded(side), "zh")
    names = {"阳光社区", "鲁艺社区", "上城社区"}
    labels = [text for text in sheet.figure.texts if text.get_path_effects()]
    assert {text.get_text() for text in labels} <= names
    assert len(labels) == 3
    for text in labels:  # the white halo covers too, and a breath keeps apart: show both as ink
        text.set_path_effects([withStroke(linewidth=3, foreground="black")])
    beneath = inked(sheet, lambda text: text.get_text() in {"8", "88", "888"} or text.get_text()[0] == "第")
    assert beneath.any()
    assert not (beneath & inked(sheet, lambda text: text in labels)).any()


@pytest.mark.parametrize(("side", "written"), [(6, 3), (10, 3), (14, 3), (20, 0)])
def test_a_community_name_stays_in_its_own_area_smaller_or_not_at_all(side: float, written: int) -> None:
    heat = crowded(side)
    columns = ("左边社区", "中间社区", "右边社区")  # one grid wide, three high
    west = [sample.WEST + sample.SIDE * column for column in range(4)]
    grids = [
        dataclasses.replace(grid, community=columns[int((grid.geometry.centroid.x - west[0]) / sample.SIDE)])
        for grid in heat.grids
    ]
    sheet = draw(dataclasses.replace(heat, grids=tuple(grids)), "zh")
    labels = [text for text in sheet.figure.texts if text.get_path_effects()]
    assert len(labels) == written
    map_axes = sheet.figure.axes[0]
    for label in labels:
        extent = label.get_window_extent()
        column = columns.index(label.get_text())
        left, right = (map_axes.transData.transform((west[i], sample.SOUTH))[0] for i in (column, column + 1))
        inside = min(extent.x1, right) - max(extent.x0, left)
        assert inside >= 0.8 * extent.width


@pytest.mark.parametrize(
    "name", ["$\\frac{1}{0}$", "{}" * 3 + "$x", "\ud800\0\x1b\n名", "网" * 300, "<b>&", "😀"]
)
def test_any_name_can_be_printed(name: str) -> None:
    heat = sample.heat()
    odd = dataclasses.replace(
        heat,
        jurisdiction=Titled("x", name),
        category=Titled("y", name),
        grids=tuple(dataclasses.replace(grid, name=name, community=name) for grid in heat.grids),
    )
    for format in ("png", "pdf"):
        assert len(heat_sheet(odd, format)) > 20_000


def test_sheets_can_be_made_by_several_threads() -> None:
    alone = heat_sheet(sample.heat(), "pdf")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: heat_sheet(sample.heat(), "pdf"), range(6))) == {alone}


def test_another_format_is_refused() -> None:
    with pytest.raises(BadInput, match="format"):
        heat_sheet(sample.heat(), "svg")
