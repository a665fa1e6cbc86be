"""What is reported: per category how many, where, when, in which words. These counts are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """mix: (spot set, rhythm, count). phrases: {where} is the street, compound or place."""

    category: str
    mix: tuple[tuple[str, str, int], ...]
    phrases: tuple[str, ...]


RECIPES = (
    Recipe(
        "matter-09009",
        (
            ("plaza", "traffic", 420),
            ("main", "traffic", 560),
            ("school", "school_run", 240),
            ("morning_market", "morning_trade", 120),
            ("night_market", "evening_trade", 160),
            ("home", "traffic", 280),
        ),
        (
            "{where}多辆机动车占道停放，影响通行。",
            "{where}路口有车辆违停，挡住人行道。",
            "{where}消防通道被小车堵占。",
            "{where}附近车辆停在盲道上。",
        ),
    ),
    Recipe(
        "matter-09010",
        (
            ("plaza", "traffic", 240),
            ("street", "traffic", 420),
            ("bicycle_parking", "traffic", 260),
            ("home", "traffic", 230),
        ),
        ("{where}电动车乱停放，占用人行道。", "{where}单元门口电动车堵住出口。", "{where}共享单车倒伏一片。"),
    ),
    Recipe(
        "matter-09001",
        (
            ("main", "evening_trade", 330),
            ("morning_market", "morning_trade", 270),
            ("night_market", "evening_trade", 360),
            ("trunk_market", "evening_trade", 110),
            ("school", "school_run", 110),
            ("produce", "morning_trade", 120),
        ),
        (
            "{where}流动摊贩占道经营。",
            "{where}有三轮车占道卖水果。",
            "{where}摊位摆到机动车道上。",
            "{where}烧烤摊占用人行道。",
        ),
    ),
    Recipe(
        "matter-09002",
        (("morning_market", "after_morning", 260), ("night_market", "after_night", 270)),
        (
            "{where}过了规定时间仍未收摊。",
            "{where}超时经营，噪声扰民。",
            "{where}收市后摊贩不走，路面有垃圾。",
        ),
    ),
    Recipe(
        "matter-09006",
        (("main", "patrol", 230), ("trade", "evening_trade", 220)),
        ("{where}商户店外摆放货物经营。", "{where}餐馆把桌椅摆到店外。"),
    ),
    Recipe(
        "matter-09012",
        (("street", "patrol", 180), ("trade", "patrol", 110)),
        ("{where}人行道上堆放建筑材料。", "{where}门前堆放杂物占道。"),
    ),
    Recipe(
        "matter-07008",
        (("lane", "patrol", 620), ("home", "patrol", 640), ("main", "patrol", 260)),
        (
            "{where}电线杆上贴有小广告。",
            "{where}楼道墙面喷涂小广告。",
            "{where}公交站牌张贴开锁广告。",
            "{where}单元门上小广告成片。",
        ),
    ),
    Recipe(
        "matter-07001",
        (("main", "patrol", 190), ("trade", "patrol", 90)),
        ("{where}横幅未经审批悬挂。", "{where}店招破损、字体脱落，存在隐患。", "{where}违规设置落地灯箱。"),
    ),
    Recipe(
        "matter-06010",
        (
            ("home", "refuse", 640),
            ("lane", "refuse", 400),
            ("morning_market", "refuse", 120),
            ("night_market", "refuse", 120),
            ("old_home", "refuse", 160),
        ),
        (
            "{where}垃圾桶满溢，周边有散落垃圾。",
            "{where}墙角有生活垃圾未清运。",
            "{where}绿化带内有白色垃圾。",
            "{where}有大件旧家具丢弃。",
        ),
    ),
    Recipe(
        "matter-06011",
        (("lane", "patrol", 200), ("old_home", "patrol", 200), ("site", "patrol", 90)),
        ("{where}路边积存渣土，未覆盖。", "{where}装修垃圾堆放多日。", "{where}空地有积存垃圾。"),
    ),
    Recipe(
        "matter-06036",
        (("home", "patrol", 470), ("old_home", "patrol", 210), ("lane", "patrol", 110)),
        (
            "{where}楼道堆放纸箱杂物。",
            "{where}院内乱堆乱放旧物。",
            "{where}楼梯间堆放自行车和杂物。",
            "{where}门前柴草乱堆。",
        ),
    ),
    Recipe(
        "matter-06027",
        (("trade", "kitchen", 240), ("night_market", "kitchen", 160)),
        ("{where}饭馆油烟直排，气味大。", "{where}烧烤油烟扰民。", "{where}餐饮油烟净化装置未开启。"),
    ),
    Recipe(
        "matter-08004",
        (("site", "dust", 290), ("main", "dust", 80)),
        ("{where}施工扬尘较大，裸土未覆盖。", "{where}运输车带泥上路，起尘。", "{where}工地喷淋未开。"),
    ),
    Recipe(
        "matter-06001",
        (("home", "patrol", 130), ("old_home", "patrol", 130)),
        (
            "{where}顶楼搭建彩钢房。",
            "{where}一楼住户私自扩建小院。",
            "{where}有人在公共区域搭棚。",
            "{where}坡上新建棚圈。",
        ),
    ),
    Recipe(
        "matter-08016",
        (("old_home", "patrol", 70), ("lane", "patrol", 20)),
        ("{where}有人未批先建，正在施工。", "{where}发现新开挖地基，无手续。"),
    ),
    Recipe(
        "component-02001",
        (("motor_parking", "patrol", 170),),
        ("{where}道闸损坏。", "{where}标线磨损看不清。", "{where}地面塌陷，有坑洞。"),
    ),
    Recipe(
        "component-02025",
        (("bicycle_parking", "patrol", 110), ("motor_parking", "patrol", 50)),
        ("{where}停车架松动。", "{where}充电桩无法使用。", "{where}指示牌歪斜。"),
    ),
    Recipe(
        "local-teastall",
        (("riverside", "tea", 420), ("plaza", "tea", 130), ("main", "tea", 80)),
        (
            "{where}茶摊占用绿地，地上有瓜子皮。",
            "{where}多个茶摊摆在步道上，通行不便。",
            "{where}茶摊打牌喧哗，影响休息。",
        ),
    ),
)

OTHERS = {
    "local-dispute": (
        "{where}邻里因漏水发生争执，请调解。",
        "{where}业主与物业因收费发生纠纷。",
        "{where}两户因停车位起争执。",
    ),
    "local-petition": (
        "上级转来：{where}居民反映供热不足。",
        "上级转来：{where}居民反映房产证办理问题。",
        "上级转来：{where}夜间噪声问题。",
    ),
    "local-stability": ("重点时段稳控：{where}走访一户。", "重点时段稳控：{where}开展入户排查。"),
}

PLANTED_OUTSIDE_NEAR = 72
PLANTED_OUTSIDE_FAR = 108
PLANTED_AT_EDGE = 64
PLANTED_NAMED = 120
PLANTED_PILE = 26
