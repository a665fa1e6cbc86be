"""The page of inspections (三排查). Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "inspections": ("三排查", "Inspections"),
    "inspections_lead": (
        "网格员、城管中队和物业公司按计划排查；{day}的情况，只含您看得到的范围。",
        "Grid members, the squad and property companies go round by plan; as of {day}, as far as you see.",
    ),
    "no_plans": (
        "还没有排查计划。由办事处用 gridmap inspections plans 载入。",
        "There are no plans yet. The office loads them with gridmap inspections plans.",
    ),
    "plans": ("排查计划", "Plans"),
    "plan_name": ("计划", "Plan"),
    "plan_inspector": ("排查方", "By"),
    "plan_every": ("周期", "Every"),
    "plan_days": ("{n} 天", "{n} days"),
    "plan_covered": ("按期已查", "Covered"),
    "plan_of": ("{covered:,} / {targets:,}", "{covered:,} of {targets:,}"),
    "plan_trouble": ("最近一次有问题", "Trouble at last"),
    "due_now": ("到期待查", "Due now"),
    "due_none": ("没有到期的。", "Nothing is due."),
    "due_shown": ("共 {all:,} 处，显示最急的 {n} 处", "{n} of {all:,}, the most urgent first"),
    "target_name": ("对象", "What"),
    "target_last": ("上次排查", "Last looked at"),
    "never": ("从未", "never"),
    "overdue_days": ("已过 {n} 天", "{n} days over"),
    "due_since_ever": ("应立即排查", "at once"),
    "blind_spots": ("排查盲区：没有任何计划按期查到的楼栋", "Blind spots: buildings that no plan covers"),
    "blind_none": ("没有盲区。", "There are none."),
    "blind_count": ("{n} / {all} 栋", "{n} of {all} buildings"),
    "in_no_grid": ("不在任何网格", "In no grid"),
}
