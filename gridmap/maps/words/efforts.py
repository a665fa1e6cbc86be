"""Before and after a campaign. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "effort": ("专项治理前后", "Before and after a campaign"),
    "effort_default": (
        (
            "系统里没有登记治理的起止日期，也不替您挑选降得最多的日子。先列出上月与本月，"
            "请改填那次治理之前和之后的日期。"
        ),
        (
            "No dates of a campaign are on record, and none are picked here for the largest fall. "
            "Last month and this month stand below; put in the days before and after yours."
        ),
    ),
    "effort_bad": (
        "这些日期不能比较：四个日期须依次在后，都在 {first} 至 {last} 之间，全长不超过三年。",
        (
            "These days cannot be compared: first and last day before, then first and last day "
            "after, all from {first} to {last} and within three years."
        ),
    ),
    "effort_bad_choice": (
        "这样无法对照：上年同期须有数据；对照类别须与所选类别不同；涉及个人的类别只按全街道统计。",
        (
            "This cannot be compared: the year before needs data, the other category must differ, "
            "and private categories are counted for the whole district only."
        ),
    ),
    "effort_none": ("还没有可以比较的两段时间。", "There are no two spans to compare yet."),
    "effort_category": ("治理什么", "Campaign against"),
    "effort_area": ("哪里", "Where"),
    "whole_district": ("全辖区", "Whole district"),
    "before": ("之前", "Before"),
    "after": ("之后", "After"),
    "first_of": ("{span}，首日", "{span}: first day"),
    "last_of": ("{span}，末日", "{span}: last day"),
    "to_day": ("至", "to"),
    "effort_against": ("对照", "Compared with"),
    "against_none": ("不对照", "Nothing"),
    "against_year": ("上年同期（52 周前）", "A year before (52 weeks)"),
    "compare": ("比较", "Compare"),
    "per_week": ("每周件数", "Reports a week"),
    "span_of": ("{reports} 件 / {days} 天", "{reports} in {days} days"),
    "times": ("倍数", "Ratio"),
    "interval_95": ("95% 区间", "95 % interval"),
    "no_ratio": ("无从计算", "none"),
    "without_end": ("不限", "any"),
    "said_none": ("两段时间都没有上报，无从比较。", "Nothing was reported in either span."),
    "said_new": (
        "之前没有上报，之后有 {after} 件，算不出倍数。",
        "Nothing was reported before and {after} after, so there is no ratio.",
    ),
    "said_of": (
        (
            "{category}由每周 {before} 件变为每周 {after} 件，之后为之前的 {ratio} 倍；"
            "若只有偶然起伏，真实倍数在 {low} 与 {high} 之间（95% 置信区间）。"
        ),
        (
            "{category}: from {before} to {after} reports a week, {ratio} times as many; if only "
            "chance is at work, the true ratio lies between {low} and {high} (95 % interval)."
        ),
    ),
    "said_less": ("减少超出偶然波动。", "The fall is more than chance."),
    "said_more": ("增加超出偶然波动。", "The rise is more than chance."),
    "said_weak": (
        "变化超出纯偶然的范围，但逐日起伏偏大，还不足为凭。",
        "That is more than chance alone, but the days differ so much that it proves little.",
    ),
    "said_same": ("这点差别可能只是偶然。", "The difference may be chance."),
    "change_of": (
        "{label}的同两段时间为 {ratio} 倍。本次变化是它的 {change} 倍（{low}–{high}）：",
        (
            "{label}: {ratio} times as many in the same two spans. The change here is {change} times "
            "that ({low} to {high}): "
        ),
    ),
    "change_none": ("对照件数太少，无从比较。", "There are too few reports to compare with."),
    "change_less": ("比对照降得更多。", "it fell more than there."),
    "change_more": ("比对照降得更少，或升得更多。", "it fell less than there, or rose more."),
    "change_weak": (
        "看来与对照不同，但逐日起伏偏大，还不足为凭。",
        "it seems to differ, but the days differ so much that it proves little.",
    ),
    "change_same": ("与对照看不出可靠的差别。", "no difference that could be relied on."),
    "spread_wide": (
        "逐日件数的起伏是纯偶然时的 {spread} 倍，真正的区间比上面写的更宽。",
        "Days differ {spread} times as much as by chance: the true intervals are wider than these.",
    ),
    "not_cause": (
        "前后不等于因果：茶摊入秋自会减少，多报少报也随巡查多少而变。有上年同期或别处可比时，以对照为准。",
        (
            "Before and after are not cause and effect: tea stalls go by themselves in autumn, and "
            "more patrols make more reports. Where there is something to compare with, go by that."
        ),
    ),
    "week_by_week": ("逐周件数", "Week by week"),
    "week_of": ("{day} 起 {days} 天：{reports} 件", "{days} days from {day}: {reports} reports"),
    "weeks_said": (
        "逐周柱图：{first} 至 {last}，每周最多 {most} 件",
        "Bars by week from {first} to {last}, at most {most} reports a week",
    ),
    "between": ("之间", "Between"),
}
