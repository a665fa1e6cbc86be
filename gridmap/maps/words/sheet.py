"""The printed sheet. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
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
