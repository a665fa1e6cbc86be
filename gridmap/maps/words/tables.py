"""The bulletin's numbers as tables: names of sheets, headings, what is said beside them. Key -> (zh, en)."""

WORDS: dict[str, tuple[str, str]] = {
    "sheet_summary": ("概况", "Summary"),
    "sheet_grids": ("各网格", "Grids"),
    "sheet_hot_spots": ("热点", "Hot spots"),
    "sheet_categories": ("类别", "Categories"),
    "sheet_places": ("点位周边", "Places"),
    "sheet_rhythm": ("时段", "Rhythm"),
    "sheet_works": ("工作台账", "Works"),
    "sheet_method": ("方法与说明", "Method"),
    "item": ("项目", "Item"),
    "value": ("数值", "Value"),
    "names": ("名称", "Name"),
    "above": ("所属", "Within"),
    "area_of": ("面积(平方公里)", "Area (km²)"),
    "buildings_of": ("楼栋数", "Buildings"),
    "rate_of": ("每栋件数", "Reports per building"),
    "month_before": ("上月件数", "Month before"),
    "month_change": ("较上月(件)", "On month before"),
    "month_percent": ("较上月(%)", "On month before (%)"),
    "year_before": ("上年同月件数", "Same month last year"),
    "year_change": ("较上年同月(件)", "On last year"),
    "year_percent": ("较上年同月(%)", "On last year (%)"),
    "gi_z": ("Gi* z 值", "Gi* z"),
    "gi_p": ("p 值", "p"),
    "gi_q": ("校正后 q 值", "q"),
    "gi_star": ("显著", "Significant"),
    "gi_hot": ("热", "hot"),
    "gi_cold": ("冷", "cold"),
    "share_of": ("占比(%)", "Share (%)"),
    "hot_grids": ("显著网格数", "Significant areas"),
    "hot_codes": ("显著网格编码", "Codes of significant areas"),
    "gi_untested": ("未检验原因", "Why not tested"),
    "few_reports": ("件数太少，不作检验", "too few reports to test"),
    "flat": ("各处相同，无从检验", "the same everywhere, nothing to test"),
    "private": ("不公开类别，只计总数", "private: counted in total only"),
    "kind_code": ("种类编码", "Kind code"),
    "radius_of": ("半径(米)", "Radius (m)"),
    "around_it": ("半径内件数", "Reports within"),
    "reports_per_100": ("每百个车位(摊位)件数", "Per 100 spaces"),
    "weekday": ("星期(1=周一)", "Weekday (1 = Monday)"),
    "hour": ("时", "Hour"),
    "within_hours": ("开放时间内", "While open"),
    "beyond_hours": ("开放时间外", "While closed"),
    "unknown_hours": ("未注明开放时间", "Hours not known"),
    "quantity": ("本月数量", "Quantity"),
    "works_recorded": ("本月记录数", "Records"),
    "of_year": ("本年累计", "Year to date"),
    "count_month_before": ("上月上报", "Reports the month before"),
    "count_year_before": ("上年同月上报", "Reports in the same month last year"),
    "hot_grids_month": ("显著偏多的网格", "Significantly busier areas"),
    "cold_grids_month": ("显著偏少的网格", "Significantly quieter areas"),
    "pile_places": ("堆积坐标处数", "Piled coordinates"),
    "pile_reports": ("堆积坐标件数", "Reports on piled coordinates"),
    "doubt_left_out": ("存疑、不计入密度面和热点的件数", "Reports in doubt, left out of the surface"),
    "private_left_out": (
        "不公开类别的件数(只计入全街道合计)",
        "Reports of private categories (in the district's totals only)",
    ),
    "private_note": (
        "不公开类别(矛盾纠纷等)只计入全街道合计和类别表，不计入各网格的数、图层和热点；本月 {reports} 件。",
        (
            "Private categories (disputes and the like) are in the district's totals and the table of "
            "categories only, in no count by grid, layer or hot spot: {reports} reports this month."
        ),
    ),
    "counting_note": (
        "月份为辖区时区的自然月；上报按其当日有效的边界定位，本表按当月末的网格版本统计。",
        (
            "A month is one of the jurisdiction's time zone; reports are placed on the boundaries of their "
            "own day and counted here on the grids of the month's last day."
        ),
    ),
    "gi_note": (
        (
            "热点：Getis–Ord Gi*，邻接(共边或共点)加自身；检验的是件数对按面积应占份额的偏离"
            "(Freeman–Tukey)；{permutations} 次置换，Benjamini–Hochberg 控制错误发现率 {level}，"
            "随机种子 {seed}。"
        ),
        (
            "Hot spots: Getis–Ord Gi* over queen contiguity and the area itself; tested is the departure of "
            "a count from its share by area (Freeman–Tukey); {permutations} permutations, false discovery "
            "rate held at {level} by Benjamini–Hochberg, seed {seed}."
        ),
    ),
    "doubt_note": (
        (
            "同一坐标堆积、整度坐标和定位不确定的上报照常计数，但不计入密度面和热点：本月 {left_out} 件，"
            "占密度面权重的 {share} %。"
        ),
        (
            "Reports piled on one coordinate, on whole degrees or placed with doubt are counted like others "
            "but left out of the surface and the hot spots: {left_out} this month, {share} % of the "
            "surface's weight."
        ),
    ),
    "around_note": (
        "点位周边：各点位服务半径内(未注明者 {radius} 米)相关类别的件数；两点之间的上报各计一次，不可相加。",
        (
            "Places: reports of related categories within each place's radius ({radius} m where it gives "
            "none); one between two places is in both, so do not add them up."
        ),
    ),
    "edition_valid": ("网格版本起用日", "Grid edition valid from"),
    "data_until": ("数据截至", "Data until"),
}
