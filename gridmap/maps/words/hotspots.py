"""Hot spots, what is left out, and the month day by day, on the heat map. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "by_star": ("显著热点", "Hot spots"),
    "star_legend": ("显著性（Gi*）", "Significance (Gi*)"),
    "star_hot": ("热点", "Hot"),
    "star_cold": ("冷点", "Cold"),
    "star_none": ("不显著", "Not significant"),
    "star_untested": ("未检验", "Not tested"),
    "star_list": ("显著的网格", "Starred grids"),
    "star_nothing": (
        "本月没有显著的热点或冷点：各处的多寡，偶然也会如此。",
        "No grid is starred this month: chance alone would look like this.",
    ),
    "star_few_reports": (
        "未检验：可检验的上报不足 {least} 件，几件相邻不成规律。",
        "Not tested: too few reports, under {least}; a few side by side are no pattern.",
    ),
    "star_flat": ("未检验：各网格没有差别。", "Not tested: no grid differs from another."),
    "star_private": (
        "未检验：保密类别的显著性会泄露件数。",
        "Not tested: of a private category it would give counts away.",
    ),
    "star_meaning": (
        "有标记的网格：它与相邻网格合起来，件数超出（热）或不及（冷）按面积应占的份额，偶然难以如此。",
        (
            "A starred grid and its neighbours have more (hot) or fewer (cold) reports than their share"
            " of the district by area, and more so than chance would make."
        ),
    ),
    "star_rate": (
        "同月同类的标记中，约二十分之一可能出于偶然；标记只说上报聚在何处，不说原因，也不等于问题更重。",
        (
            "Of the stars of a category and month about one in twenty may be chance (false discovery rate)."
            " A star says where reports gather, not why, nor that things are worse there."
        ),
    ),
    "z": ("Gi* z 值", "Gi* z"),
    "q": ("q 值", "q"),
    "tested_count": ("检验件数", "Tested"),
    "expected": ("按面积应有", "Expected by area"),
    "doubts": ("存疑坐标", "Doubtful coordinates"),
    "doubts_out": (
        "{reports} 件不计入密度面与热点；下列勾选可计入",
        "{reports} left out of density and hot spots; tick to include",
    ),
    "doubts_none": ("没有不计入的上报", "Nothing is left out"),
    "doubt_pile": ("同一坐标堆积", "Piled on one coordinate"),
    "doubt_whole_degree": ("整度坐标", "Whole degrees"),
    "doubt_uncertain": ("网格不确定", "Grid uncertain"),
    "doubts_share": ("占密度面的份额", "Their share of the surface"),
    "doubts_shift": ("计入时最高处移动", "The highest place would move"),
    "doubts_stars": ("因不计入而增减的标记", "Stars gained and lost by it"),
    "doubts_unlooked": (
        "上报很多，整度与不确定的坐标未逐件查找",
        "With so many reports, only piles were looked for",
    ),
    "stop": ("；", "; "),
    "list_joint": ("、", ", "),
    "whole_month": ("回到全月", "Back to the whole month"),
    "included": ("计入", "included"),
    "play": ("逐日播放", "Day by day"),
    "pause": ("暂停", "Pause"),
    "day": ("日期", "Day"),
    "cumulative": ("累计", "Cumulative"),
    "daily_loading": ("正在读取…", "Loading…"),
    "daily_failed": ("逐日数据读取失败", "The days could not be loaded"),
    "daily_left_out": (
        "网格很多，本文件未附逐日数据",
        "With so many grids, this file holds no days",
    ),
    "daily_differs": (
        "按上报当日的网格计；边界其后有变",
        "By the grids of each day; boundaries changed since",
    ),
    "scale_since": ("色阶自 {day} 起沿用", "This scale has stood since {day}"),
    "scale_new": ("首个完整月份之后色阶才固定", "The scale will stand after the first full month"),
}
