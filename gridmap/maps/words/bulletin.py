"""The monthly bulletin, without its method page. Key -> (zh, en).

`{area}`, `{areas}`: what the month is counted by. A bar parts one from many in English.
"""

WORDS: dict[str, tuple[str, str]] = {
    "bulletin": ("网格月报", "Monthly grid bulletin"),
    "grid_many": ("网格", "grids"),
    "community_many": ("社区", "communities"),
    "subdistrict_many": ("街道", "subdistricts"),
    "reports": ("件", "report|reports"),
    "records": ("条", "record|records"),
    "kinds_of_report": ("类", "category|categories"),
    "kinds_of_work": ("种", "kind of work|kinds of work"),
    "in_brackets": ("（{text}）", " ({text})"),
    "rows_more": ("另有 {n} 行，见随附的数据表", "{n} more rows are in the numbers that come with this"),
    "contents": ("目录", "Contents"),
    # cover
    "points": ("本月看点", "What to look at"),
    "areas_with_reports": ("有上报的{area}", "With any report"),
    "of_areas": ("共 {n} 个{area}", "of {n} {areas}"),
    "hot_areas": ("显著热点{area}", "Significantly hot"),
    "at_level": ("错误发现率 {level}", "false discovery rate {level}"),
    "untested_month": ("未作检验", "not tested"),
    "in_doubt": ("存疑坐标", "Doubtful coordinates"),
    "left_out_short": ("计数照计，不入密度与热点", "left out of density and stars"),
    "no_comparison": ("上月早于首次上报", "no month before to compare"),
    "cover_map": ("各社区与本月看点的位置", "Communities, and where to look"),
    "cover_map_alt": (
        "辖区地图：{names}；编号为本月看点所在的{area}。",
        "Map of the jurisdiction: {names}; numbers stand for what to look at.",
    ),
    "point_nothing": (
        "本月没有任何上报。这可能是确实平静，也可能是记录尚未录入；请先核对数据来源。",
        "Nothing was reported this month. It may have been quiet, or records may be missing: check first.",
    ),
    "point_before": (
        "本月早于本系统的首次上报（{first}）：没有记录，不等于没有发生。",
        (
            "This month lies before the first report in this system ({first}): no record is not the same as "
            "no event."
        ),
    ),
    "point_busiest": (
        "{name}上报最多：{reports}，占各{area}合计的 {share}%。",
        "Most reports: {name}, {reports}, {share}% of those within {areas}.",
    ),
    "point_stars": ("显著热点{area} {n} 个：{names}。", "Significantly hot, {n} in number: {names}."),
    "point_stars_more": (
        "显著热点{area} {n} 个，最突出的是{names}。",
        "Significantly hot, {n} in number, above all {names}.",
    ),
    "point_no_stars": (
        "各{area}的差别没有超出偶然所及，没有显著热点。",
        "No {area} differs by more than chance would have it: none is significantly hot.",
    ),
    "point_only_categories": (
        "全部类别合计没有显著热点；单看类别，{parts}。",
        "All categories together: none is significantly hot. One by one: {parts}.",
    ),
    "point_category_star": ("{category}在{names}显著集中", "{category} in {names}"),
    "point_rise": (
        "{name}较上月增加最多：{before} → {now} 件，{judged}。",
        "Largest rise: {name}, {before} → {now}, {judged}.",
    ),
    "point_category": (
        "类别中“{name}”增加最多：{before} → {now} 件，{judged}。",
        "Category that rose most: {name}, {before} → {now}, {judged}.",
    ),
    "more_than_chance": ("多于偶然波动通常所及", "more than chance usually does"),
    "within_chance": ("仍在偶然波动之内", "within what chance does"),
    "point_beyond": (
        "{kind}周边的占道与垃圾类上报 {reports}，其中 {n} 件在营业时间之外。",
        "{kind}: {reports} of stalls and rubbish around, {n} of them outside opening hours.",
    ),
    "point_parking": (
        "{name}周边乱停放最密：{reports}，每百车位 {rate} 件。",
        "Parking most pressed: {name}, {reports}, {rate} per 100 spaces.",
    ),
    # heat map
    "heat_title": ("热力图：件数与密度", "Heat map: counts and density"),
    "heat_map_alt": (
        "按{area}着色的件数地图，共 {total} 件；色阶逐月固定。",
        "Map of reports by {area}, {total} in all; the classes are the same every month.",
    ),
    "density_map_alt": ("每平方公里件数的密度面。", "Surface of reports per km²."),
    "doubts_table": ("存疑坐标", "Doubtful coordinates"),
    "doubts_together": ("合计（不重复计）", "Together (each once)"),
    "difference": (
        (
            "存疑的坐标照常计入件数，但不画入密度面。若画入，它们占 {share}%，最高处移动 {metres} 米，每平方"
            "公里由 {peak} 件变为 {peak_with} 件。"
        ),
        (
            "What is doubtful is counted, but not drawn in the surface. If it were, it would be {share}% of "
            "it; the highest place would move by {metres} m and go from {peak} to {peak_with} per km²."
        ),
    ),
    "difference_share": (
        "存疑的坐标照常计入件数，但不画入密度面。若画入，它们占 {share}%。",
        "What is doubtful is counted, but not drawn in the surface, of which it would be {share}%.",
    ),
    "difference_none": (
        "本月没有存疑的坐标，密度面画入了所有有坐标的上报。",
        "No coordinate is doubtful this month: the surface shows every report that has one.",
    ),
    "scale_note": (
        "色阶按本辖区定下后逐月不变，不同月份的图可以直接比较。",
        (
            "The classes were chosen once for this jurisdiction and kept: maps of different months compare "
            "directly."
        ),
    ),
    "bandwidth_note": (
        "密度面为高斯核估计，带宽 {metres} 米。",
        "The surface is a Gaussian kernel estimate with a bandwidth of {metres} m.",
    ),
    # significant grids
    "hot_title": ("显著{area}：哪里的集中不像是偶然", "Significant {areas}: where it is hardly chance"),
    "hot_some": (
        "检验了 {tested} 个{area}：{hot} 个显著偏多（★），{cold} 个显著偏少（☆），其余与偶然没有可靠的差别。",
        (
            "{tested} {areas} were tested: {hot} significantly high (★), {cold} significantly low (☆); the "
            "others cannot be told from chance."
        ),
    ),
    "hot_none": (
        (
            "检验了 {tested} 个{area}，没有一个显著。件数多的{area}本月仍然多，但它与周边一起看，没有超出面积"
            "与偶然所能解释的程度。"
        ),
        (
            "{tested} {areas} were tested and none is significant. Busy ones are busy still; but seen "
            "together with their neighbours they do not exceed what area and chance explain."
        ),
    ),
    "hot_few_reports": (
        "本月可用于检验的上报不足 {least} 件，没有作检验：几件事凑在一起，说明不了什么。",
        "Fewer than {least} reports can be tested this month, so nothing was: a handful makes no pattern.",
    ),
    "hot_flat": (
        "各{area}之间没有差别可言（或只有一个{area}），没有作检验。",
        "There is no difference between {areas}, or only one of them: nothing was tested.",
    ),
    "hot_table": ("显著的{area}", "Significant {areas}"),
    "hot_nearest": ("最接近显著的{area}（均未达到）", "Nearest to significant (none is)"),
    "hot_not_tested": ("本月未作检验。", "Nothing was tested this month."),
    "hot_by_category": ("分类别检验得到的显著{area}", "Significant {areas}, category by category"),
    "starred_areas": ("显著偏多的{area}", "Significantly high"),
    "area_name": ("{area}", "Name"),
    "neighbours": ("相邻数", "Neighbours"),
    "star_means": ("★ 说明什么", "What a star means"),
    "star_means_text": (
        (
            "这个{area}和它的邻居放在一起，上报比按面积分摊应有的多，而且多到把各{area}的数随意打乱近一万次也"
            "难得一见。在所有带星的{area}里，预计至多二十分之一是巧合。"
        ),
        (
            "This {area} and its neighbours together have more reports than their ground would have, so many "
            "more that ten thousand shuffles of the {areas} hardly ever show it. Of all starred ones, one in "
            "twenty is expected to be chance."
        ),
    ),
    "star_means_not": ("★ 不说明什么", "What it does not mean"),
    "star_means_not_text": (
        (
            "不说明原因，也不是对任何人的评价：巡查勤、居民多、商铺密，上报都会多。没有星也不等于没有问题：单"
            "独一个忙的{area}若四邻平静，不会带星；上报少的月份也难以得星。"
        ),
        (
            "Not why, and not how well anybody works: where patrols, residents or shops are many, reports "
            "are many. No star is not the same as no trouble: one busy {area} among calm ones gets none, and "
            "few reports earn few."
        ),
    ),
    "hot_note": (
        (
            "检验用的是去掉存疑坐标（{n} 件）后的件数；表中件数为全部件数。z 为 Gi*，q 为控制错误发现率后的概"
            "率，不超过 {level} 为显著。"
        ),
        (
            "Tested are counts without the {n} doubtful coordinates; the table shows all reports. z is Gi*, "
            "q the probability after controlling the false discovery rate; up to {level} is significant."
        ),
    ),
    "hot_map_alt": (
        "地图：{hot} 个{area}显著偏多，{cold} 个显著偏少。",
        "Map: {hot} {areas} significantly high, {cold} significantly low.",
    ),
    "key_hot": ("★ 显著偏多", "★ Significantly high"),
    "key_cold": ("☆ 显著偏少", "☆ Significantly low"),
    "key_rest": ("不显著", "Not significant"),
    "key_untested": ("未检验", "Not tested"),
    # categories
    "categories_title": ("各类别", "Categories"),
    "categories_lead": ("本月上报 {total}，涉及 {categories}。", "{total} this month in {categories}."),
    "against": ("{month}为 {before}，本月 {change}{percent}。", "{month} had {before}: {change}{percent}."),
    "categories_table": ("按件数排列", "By number of reports"),
    "on_last_month": ("较上月", "On last month"),
    "on_last_year": ("较去年同月", "On last year"),
    "hot_many": ("显著{area}", "Hot {areas}"),
    "untested_private": ("不公开", "private"),
    "untested": ("未检验", "untested"),
    "bars_note": ("横条为本月{marks}。", "Bar: this month{marks}."),
    "bars_month": ("，黑线为{month}", ". Black stroke: {month}"),
    "bars_year": ("，蓝圈为{month}", ". Blue ring: {month}"),
    "before_first": (
        "{months}早于本系统的首次上报（{first}），无从比较；这与“没有上报”是两回事。",
        (
            "{months}: before the first report in this system ({first}), so there is nothing to compare "
            "with; that is not the same as none."
        ),
    ),
    "change_note": (
        "颜色只用于大致超出偶然波动的变化；变化本身未作检验，百分比在件数少时没有意义。",
        (
            "Colour marks changes roughly beyond chance; they are not tested, and a per cent of few reports "
            "says little."
        ),
    ),
    "untested_note": (
        "{n} 个类别可检验的上报不足 {least} 件，标为“未检验”：不是没有热点，而是数太少，不能判断。",
        (
            "{n} categories have fewer than {least} reports that can be tested: that is not the absence of "
            "hot spots, there are too few to tell."
        ),
    ),
    # change
    "change_title": ("变化：与{month}相比", "Change since {month}"),
    "change_lead": (
        "{up} 个{area}增加，{down} 个减少，{same} 个不变；其中 {beyond} 个的变化大致超出偶然波动。",
        "{up} {areas} rose, {down} fell, {same} stayed; {beyond} changed by more than chance usually does.",
    ),
    "change_unknown": (
        "上月早于本系统的首次上报，没有可比的数；本页不作图表，以免把“没有记录”画成“没有发生”。",
        (
            "The month before lies before the first report in this system: nothing is drawn, lest no record "
            "look like no event."
        ),
    ),
    "rises": ("增加最多", "Largest rises"),
    "falls": ("减少最多", "Largest falls"),
    "no_rises": ("没有{area}增加。", "None rose."),
    "no_falls": ("没有{area}减少。", "None fell."),
    "last_month_short": ("上月", "Before"),
    "this_month_short": ("本月", "Now"),
    "change_short": ("增减", "Change"),
    "chance_short": ("偶然", "Chance"),
    "on_last_year_short": ("较去年", "On last year"),
    "chance_note": (
        (
            "“偶然”一列为 2√(上月+本月)：两个月并无不同时，差数约有 95% 落在这个范围内。这不是检验：{n} 个"
            "{area}里，单凭巧合也会有 {chance} 个左右超出。色阶由固定的件数色阶得出，逐月不变。"
        ),
        (
            "“Chance” is 2√(before + now): where nothing has changed, 95% of differences lie within. It is "
            "no test: of {n} {areas} about {chance} lie beyond by chance alone. The classes come from the "
            "kept ones and stay."
        ),
    ),
    "change_map_alt": (
        "按{area}着色的增减地图，与{month}相比：蓝色减少，橙色增加。",
        "Map of change by {area} since {month}: blue fell, orange rose.",
    ),
    "change_legend": ("件数增减", "Change in reports"),
    # places
    "places_title": ("停车点与市场周边", "Around parking and markets"),
    "places_lead": (
        (
            "停车点周边数乱停放与停车设施类上报，市场周边数占道、茶摊与垃圾类上报；半径见表，两处之间的上报两"
            "处都计。"
        ),
        (
            "Around parking: badly parked vehicles and parking facilities. Around markets: stalls and "
            "rubbish. Within the radius given; a report between two places counts at both."
        ),
    ),
    "places_none": (
        "本月没有登记在用的停车点和市场。",
        "No parking and no markets are registered for this month.",
    ),
    "markets": ("市场", "Markets"),
    "parking_table": ("停车点", "Parking"),
    "place": ("点位", "Place"),
    "capacity_short": ("容量", "Spaces"),
    "radius": ("半径", "Radius"),
    "per_100": ("每百车位", "Per 100"),
    "per_100_stalls": ("每百摊位", "Per 100"),
    "hours": ("营业时间", "Hours"),
    "places_note": (
        "每百车位（摊位）的件数便于比较大小不同的点位，并不说明容量是原因。",
        (
            "Per 100 spaces makes places of different size comparable; it does not say that capacity is the "
            "cause."
        ),
    ),
    "rhythms_title": ("一周之中的时段", "Hours of the week"),
    "rhythm_beyond": ("，营业时间外 {n} 件（{share}%）", ", {n} outside hours ({share}%)"),
    "rhythm_note": (
        (
            "时段图：横为 0–23 时，竖为周一至周日，颜色越深件数越多；框出的是多数日子营业的时段。夜市营业时摆"
            "摊不是问题，收市后才是。"
        ),
        (
            "Hours: across 0–23, down Monday to Sunday, darker is more; framed are the hours at which places "
            "are open. Stalls in a market's hours are no fault, after them they are."
        ),
    ),
    "weekdays": ("一二三四五六日", "MTWTFSS"),
    # work records
    "works_title": ("工作台账", "Work records"),
    "works_lead": ("本月记录 {records}，涉及 {kinds}。", "{records} this month, of {kinds}."),
    "works_none": ("今年到本月为止没有工作记录。", "There are no work records this year up to this month."),
    "works_table": ("本月与全年累计", "This month, and the year so far"),
    "work_kind": ("事项", "Work"),
    "unit": ("单位", "Unit"),
    "work_records": ("记录", "Records"),
    "year_so_far": ("全年累计", "Year so far"),
    "share_of_year": ("本月占累计", "Month in year"),
    "works_note": (
        "按记录上的日期计；累计为 {year} 年 1 月至本月末。数量是做了多少，不是做得如何，单位不同的不能相加。",
        (
            "By the day on the record; the year is from January {year} to the end of this month. Quantities "
            "say how much was done, not how well, and different units do not add up."
        ),
    ),
    "key_warm": ("某一类别显著", "In one category"),
    "category_stars_note": (
        (
            "分类别检验了 {n} 个类别，每类单独控制错误发现率：没有任何真热点时，这样多的类别里平均也会有 "
            "{chance} 个左右出现巧合的星。"
        ),
        (
            "{n} categories were tested, each with its own false discovery rate: with no true hot spot at "
            "all, about {chance} of them would show a star by chance."
        ),
    ),
    "data_until_moment": ("数据截至 {moment}", "Data until {moment}"),
    "as_of": ("按 {moment} 当时的记录", "As recorded by {moment}"),
    "recut": ("按网格版本 {edition} 重新切分", "Cut again to grid edition {edition}"),
    "no_data": ("没有记录", "No records"),
    "private_here": (
        "不公开的类别共 {reports}，只计入辖区合计，不按{area}列出。",
        "Private categories, {reports}, count in the totals only and are not shown by {area}.",
    ),
}
