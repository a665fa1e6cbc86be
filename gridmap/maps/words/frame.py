"""What every page says around its map. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "illustrative": ("示意数据", "Illustrative data"),
    "illustrative_why": (
        "边界与点位为演示而编制，不是实测数据",
        "Boundaries and places are made up for demonstration",
    ),
    "district_map": ("网格地图", "Grid map"),
    "places_map": ("便民点位", "Places"),
    "heat_map": ("月度热力图", "Monthly heat map"),
    "people_page": ("人员职责", "People and duties"),
    "other_language": ("English", "中文"),
    "sign_in": ("登录", "Sign in"),
    "sign_out": ("退出", "Sign out"),
    "pages": ("页面", "Pages"),
    "chosen": ("显示什么", "What is shown"),
    "colon": ("：", ": "),
    "map": ("地图", "Map"),
    "close": ("关闭", "Close"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "whole": ("全图", "Whole district"),
    "no_script": ("此页面需要启用 JavaScript。", "This page needs JavaScript."),
}
