"""Places and rhythm: what happens around places, and when. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "rhythm_map": ("点位与节律", "Places and rhythm"),
    "place_column": ("点位", "Place"),
    "all_hours": ("营业时间均为", "All of them"),
    "reports_around": ("周边上报", "Reports nearby"),
    "per_hundred": ("每百位", "Per 100"),
    "per_hundred_why": ("每一百个车位或摊位的件数", "Reports for each hundred spaces or stalls"),
    "while_open": ("营业中", "While open"),
    "while_closed": ("营业外", "While closed"),
    "hours_unknown": ("时间不明", "Hours unknown"),
    "related_category": ("统计哪些上报", "Which reports"),
    "related_all": ("全部相关类别", "All related categories"),
    "near_places": ("件，在 {places} 处点位周边", "reports near {places} places"),
    "no_places_then": ("当月没有这类点位。", "There were no such places in this month."),
    "quiet_month": (
        "本月这些点位周边没有相关上报。",
        "Nothing of the kind was reported near these places in this month.",
    ),
    "spread_over": (
        (
            "周边上报：服务半径之内的件数（未登记半径的按 {metres} 米）；一件可落在两处的半径内，"
            "各处不能相加。营业外：其中离该点位最近、当时又不在营业时间的，各处可以相加。"
        ),
        (
            "Nearby: within the place's radius ({metres} m where it gives none); one report may lie "
            "within two, so they do not add up. While closed: those to which no other such place is "
            "nearer, at a time when this one was closed; these add up."
        ),
    ),
    "all_rows": ("显示全部 {places} 处", "Show all {places} places"),
    "when_of": ("{month}{kind}周边上报：星期与时刻", "{kind}, {month}: reports nearby by weekday and hour"),
    "when_inside": (
        "蓝框内是多数点位营业的时间。框内的占道、堆物多是市场本身在营业；框外仍有的，才是超时经营的线索。",
        (
            "Inside the blue frame most of these places are open. Stalls inside it are the market at "
            "work; those outside it are what the rules are about."
        ),
    ),
    "when_always": (
        "这类点位全天开放，时刻只说明忙闲，不说明合不合规。",
        "These places never close: the hour tells how busy it is, not what is against the rules.",
    ),
    "when_never": (
        "这些点位本月都不营业，出现的上报都在营业外。",
        "None of these places opens in this month: whatever is reported happened while they were closed.",
    ),
    "when_no_hours": (
        "这些点位没有登记营业时间，无法区分营业内外。",
        "These places give no hours, so open and closed cannot be told apart.",
    ),
    "same_classes": (
        "各月、各类点位用同一套分级，可直接比较。",
        "The classes are the same in every month and for every kind of place.",
    ),
    "larger_classes": (
        "件数很多，分级放大为 {factor} 倍。",
        "With so many reports the classes are {factor} times as large.",
    ),
    "cell_of": ("{day} {hour}–{next} 时：{reports} 件", "{day} {hour}:00–{next}:00: {reports} reports"),
    "cell_some": ("，营业中 {within}，营业外 {beyond}", ", {within} while open, {beyond} while closed"),
    "cell_open": ("（营业时间）", " (open)"),
    "cell_partly": ("（部分营业）", " (partly open)"),
    "cell_closed": ("（不营业）", " (closed)"),
    "day_of_week": ("星期", "Weekday"),
    "days_of_week": ("周一 周二 周三 周四 周五 周六 周日", "Mon Tue Wed Thu Fri Sat Sun"),
    "point_at": (
        "指向或轻点一格查看；键盘用方向键逐格移动",
        "Point at a cell or tap it; with the keyboard, move through the cells with the arrow keys",
    ),
    "frame_key": ("多数营业", "Mostly open"),
    "no_report": ("无", "None"),
    "services": ("活动与服务", "Events and services"),
    "services_why": (
        "来自工作台账，只计场次与件次，不含当事人与内容。",
        "From work records: counts only, without who it was for or what it was about.",
    ),
    "this_month": ("本月", "This month"),
    "this_year": ("本年至今", "Year to date"),
    "what_was_done": ("内容", "What"),
    "no_services": ("本月没有活动与服务记录。", "No events or services were recorded in this month."),
    "more_places": ("其余 {places} 处", "{places} more places"),
    "unnamed_place": ("未注明地点", "No place named"),
}
