"""The words that maps show, Chinese first. Names of kinds stand in areas and places, the rest in the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from gridmap.areas.model import AREA_KINDS
from gridmap.errors import BadInput
from gridmap.places.model import PLACE_KINDS

LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}

_BOTH: dict[str, tuple[str, str]] = AREA_KINDS | {
    # the frame
    "illustrative": ("示意数据", "Illustrative data"),
    "illustrative_why": (
        "边界与点位为演示而编制，不是实测数据",
        "Boundaries and places are made up for demonstration",
    ),
    "district_map": ("网格地图", "Grid map"),
    "places_map": ("便民点位", "Places"),
    "heat_map": ("月度热力图", "Monthly heat map"),
    "other_language": ("English", "中文"),
    "pages": ("页面", "Pages"),
    "colon": ("：", ": "),
    "map": ("地图", "Map"),
    "close": ("关闭", "Close"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "whole": ("全图", "Whole district"),
    "no_script": ("此页面需要启用 JavaScript。", "This page needs JavaScript."),
    # the district map
    "layers": ("图层", "Layers"),
    "areas": ("区域", "Areas"),
    "too_many": (
        "数量过多，本页不逐一绘出；可在 GIS 中用矢量瓦片查看全部",
        "too many to be drawn one by one here; a GIS shows them all from the vector tiles",
    ),
    "places": ("点位", "Places"),
    "backdrop": ("底图", "Backdrop"),
    "labels": ("注记", "Labels"),
    "all": ("全部", "All"),
    "none": ("全不选", "None"),
    "search": ("输入网格名称或编码", "Grid name or code"),
    "search_label": ("查找网格", "Find a grid"),
    "no_results": ("没有找到，请换个名称或编码", "Nothing found; try another name or code"),
    "results": ("查找结果", "Results"),
    "code": ("编码", "Code"),
    "area": ("面积", "Area"),
    "parent": ("所属", "Within"),
    "households": ("户数", "Households"),
    "floors": ("层数", "Floors"),
    "units": ("单元", "Units"),
    "kind": ("类别", "Kind"),
    "capacity": ("容量", "Capacity"),
    "opening_hours": ("开放时间", "Opening hours"),
    "address": ("地址", "Address"),
    "service_radius": ("服务半径", "Service radius"),
    "vehicle": ("车辆", "Vehicles"),
    "motor": ("机动车", "Motor vehicles"),
    "non_motor": ("非机动车", "Bicycles and e-bikes"),
    "capacity_total": ("容量合计", "Total capacity"),
    "places_count": ("处", "places"),
    "no_places": ("没有这类点位", "There are no such places"),
    "all_kinds": ("全部点位", "All places"),
    # the heat map
    "month": ("月份", "Month"),
    "previous_month": ("上月", "Previous"),
    "next_month": ("下月", "Next"),
    "category": ("类别", "Category"),
    "all_categories": ("全部类别", "All categories"),
    "by_grid": ("按网格", "By grid"),
    "by_density": ("密度热力", "Density"),
    "count_legend": ("每网格上报件数", "Reports per grid"),
    "density_legend": ("每平方公里件数", "Reports per km²"),
    "count": ("件数", "Reports"),
    "previous": ("上月件数", "Month before"),
    "change": ("较上月", "Change"),
    "density": ("密度(件/平方公里)", "Density (per km²)"),
    "density_short": ("密度", "Density"),
    "per_km2": ("件/km²", "per km²"),
    "reports_unit": ("件", ""),
    "total": ("本月上报", "Reports this month"),
    "in_grids": ("落入网格", "Within grids"),
    "grids_with": ("有上报的网格", "Grids with reports"),
    "outside": ("网格之外", "Outside every grid"),
    "nearest": ("归入最近网格", "Given to the nearest grid"),
    "named": ("按小区名定位", "Placed by a compound's name"),
    "near_edge": ("距网格边界不足 {metres} 米", "Within {metres} m of a grid edge"),
    "piles": ("同一坐标堆积", "Piled on one coordinate"),
    "piles_value": ("{places} 处 {reports} 件", "{reports} at {places} points"),
    "leading": ("件数最多的网格", "Leading grids"),
    "rank": ("序", "#"),
    "no_reports": ("本月无上报", "No reports this month"),
    "no_reports_why": (
        "该月份、该类别没有任何上报记录。",
        "Nothing was reported in this month and category.",
    ),
    "downloads": ("下载", "Download"),
    "about": ("数据说明", "About these numbers"),
    "hover": ("把指针移到网格上，或轻点网格，查看件数", "Point at a grid or tap it to see its count"),
    "same_scale": ("色阶逐月固定，可直接比较", "The scale is the same in every month"),
    "counted_wider": (
        "网格过多，本图按{kind}合计；逐格的数见统计接口与矢量瓦片",
        "Too many grids for one map: counted by {kind} here; by grid in the statistics and the vector tiles",
    ),
    "pile_method": ("堆积坐标不计入密度面", "Piled coordinates are left out of the density surface"),
    "piles_partly": (
        "上报很多，只在明显突出的位置查找堆积坐标",
        "With so many reports, piles were looked for only where a spot stands out",
    ),
    "bandwidth": ("密度面：高斯核，带宽 {metres} 米", "Density: Gaussian kernel, bandwidth {metres} m"),
    "edition": ("网格版本", "Grid edition"),
    "edition_from": ("{day} 起", "from {day}"),
    "from_beginning": ("最初版本", "first edition"),
    "generated": ("生成时间", "Generated"),
    "time_zone": ("时区", "Time zone"),
    # the printed sheet
    "sheet_title": ("网格事件月度热力图", "Monthly heat map of reports by grid"),
    "source": ("资料来源：{name}网格上报记录", "Source: grid reports of {name}"),
    "method": (
        "方法：按坐标落入网格计数，共边取编码较小者；界外在容差之内归最近网格。",
        "Method: by the grid that covers the coordinate; outside, the nearest within the tolerance.",
    ),
    "summary": ("本月概况", "Summary"),
    "subdistrict_boundary": ("街道界", "Subdistrict boundary"),
    "community_boundary": ("社区界", "Community boundary"),
    "grid_boundary": ("网格界", "Grid boundary"),
    "main_road": ("主要道路", "Main road"),
    "water": ("河流水面", "River, water"),
}

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WORDS = {
    lang: MappingProxyType({key: both[index] for key, both in _BOTH.items()})
    for index, lang in enumerate(LANGUAGES)
}


def words(lang: str) -> Mapping[str, str]:
    """The words of one language, by key. Raises BadInput for a language that there is not."""
    if lang not in _WORDS:
        raise BadInput(f"{lang!r} is not a language of the maps; give zh or en", field="lang")
    return _WORDS[lang]


def kind_name(kind: str, lang: str) -> str:
    """The name of a kind of place; a kind that is not known is shown by its code."""
    names = PLACE_KINDS.get(kind)
    return names[LANGUAGES.index(lang)] if names else kind


def month_name(month: date, lang: str) -> str:
    """`2023年6月` or `June 2023`."""
    return f"{month.year}年{month.month}月" if lang == "zh" else f"{_MONTHS[month.month - 1]} {month.year}"


def titled(name: str, name_en: str | None, lang: str) -> str:
    """The name in the page's language, in Chinese where there is no other."""
    return name_en if lang == "en" and name_en else name


def short_number(value: float, lang: str) -> str:
    """A number as a label has room for it: whole below 10,000, then with three digits: 78.5万, 785k."""
    if value < 10_000:
        return f"{value:g}"
    steps = ((1e8, "亿"), (1e4, "万")) if lang == "zh" else ((1e9, "G"), (1e6, "M"), (1e3, "k"))
    # rounded first, so that 999,960 is a million and not 1000 thousand
    rounded = float(f"{value:.3g}")
    size, unit = next(step for step in steps if rounded >= step[0])
    return f"{rounded / size:g}{unit}"


def short_name(name: str, community: str) -> str:
    """A grid's name without its community's in front, for a label that stands inside the community."""
    rest = name.removeprefix(community).strip() if community else name
    return rest or name
