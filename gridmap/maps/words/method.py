"""The bulletin's method page. Key -> (zh, en); see bulletin."""

WORDS: dict[str, tuple[str, str]] = {
    "method_title": ("方法与说明", "Method and caveats"),
    "about_table": ("本期由来", "What this is made from"),
    "jurisdiction": ("辖区", "Jurisdiction"),
    "seed": ("随机种子", "Seed"),
    "permutations": ("置换次数", "Permutations"),
    "as_of_label": ("按当时记录", "As recorded by"),
    "recut_label": ("重新切分", "Cut again"),
    "level": ("错误发现率", "False discovery rate"),
    "software": ("软件版本", "Software"),
    "about_placing": ("定位", "Placing"),
    "about_placing_text": (
        (
            "坐标系逐条声明（WGS-84、CGCS2000、GCJ-02、BD-09），统一换算为 WGS-84，原坐标保留。按坐标落入哪个"
            "网格计；正在公共边上的，归编码较小者；网格之外、在容差之内的，归最近的网格；没有坐标而写明小区的"
            "，按小区定位。"
        ),
        (
            "Each coordinate declares its datum (WGS-84, CGCS2000, GCJ-02, BD-09), is converted to WGS-84 "
            "and kept as given. It belongs to the grid that covers it; on a shared edge to the smaller code; "
            "outside, within the tolerance, to the nearest. Without a coordinate a compound's name places it."
        ),
    ),
    "about_counting": ("计数", "Counting"),
    "about_counting_text": (
        "一件上报计一件，按发生时间归月，月以上述时区为准。各月都切到同一版网格上再比较。",
        (
            "One report counts one, in the month in which it happened in the time zone given. Months are cut "
            "to one edition of the grids before they are compared."
        ),
    ),
    "about_doubtful": ("存疑坐标", "Doubtful coordinates"),
    "about_doubtful_text": (
        (
            "许多上报压在同一个坐标上、经纬度均为整度、或精度不足以判定网格的，都照常计数，但不画入密度面，也"
            "不参加热点检验。"
        ),
        (
            "Many reports on one coordinate, whole degrees, and positions too uncertain to tell the grid are "
            "counted as usual, but neither drawn in the surface nor tested."
        ),
    ),
    "about_testing": ("热点检验", "Testing"),
    "about_testing_text": (
        (
            "Getis–Ord Gi*，相邻指共边或共角；检验的是件数相对于按面积分摊的偏离（Freeman–Tukey）。概率由 "
            "{permutations} 次置换得出，双侧；按 Benjamini–Hochberg 控制错误发现率为 {level}，每月每类别为一"
            "族。不足 {least} 件不检验。"
        ),
        (
            "Getis–Ord Gi*; neighbours share an edge or a corner. Tested is how far a count departs from its "
            "share by area (Freeman–Tukey). p comes from {permutations} permutations, two-sided; "
            "Benjamini–Hochberg controls the false discovery rate at {level} for each month and category. "
            "Under {least} reports nothing is tested."
        ),
    ),
    "about_comparing": ("比较", "Comparing"),
    "about_comparing_text": (
        (
            "与上月、去年同月的变化未作检验，所附的偶然范围只是粗略参照。早于首次上报的月份不比较。上报多少还"
            "取决于巡查、天气、节假日和填报习惯。"
        ),
        (
            "Changes are not tested; the range of chance beside them is a rough guide. Months before the "
            "first report are not compared. Reports depend on patrols, weather, holidays and habits too."
        ),
    ),
    "about_scales": ("色阶", "Classes"),
    "about_scales_text": (
        "件数与密度的分级按辖区选定一次后保留，每月相同；颜色由浅到深，黑白打印和色觉异常者也能分辨。",
        (
            "Classes of count and density are chosen once for the jurisdiction and kept. Colours darken step "
            "by step, so that they also read in grey and for colour-blind eyes."
        ),
    ),
    "about_surface": ("密度面", "Surface"),
    "about_surface_text": (
        "在米制投影中以高斯核估计，带宽 {metres} 米，各月相同，与图的大小无关。",
        (
            "A Gaussian kernel in a metric projection, bandwidth {metres} m, the same every month and at any "
            "size."
        ),
    ),
    "about_places": ("点位", "Places"),
    "about_places_text": (
        (
            "半径为点位登记的服务半径，没有登记的取 150 米。时段图中每件只归半径内最近的点位，营业时间以登记"
            "为准。"
        ),
        (
            "The radius is the place's own, 150 m where it gives none. In the hours of the week each report "
            "belongs to the nearest place in reach; opening hours are as registered."
        ),
    ),
    "about_masking": ("不公开的类别", "Private categories"),
    "about_masking_text": (
        "涉及个人的类别不按网格列出，也不画入地图，只计入辖区合计；本月因此未列出 {private}。",
        (
            "Categories that concern private persons are neither listed by grid nor drawn; they count in the "
            "totals only. This month that leaves out {private}."
        ),
    ),
}
