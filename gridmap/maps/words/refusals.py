"""What a page says where the service refused: what became of it, and what would be right.

`said_` and the status; `mend_`, the status where it matters, and the field that the service named.
"""

WORDS: dict[str, tuple[str, str]] = {
    "said_400": ("内容无法读取", "It cannot be read"),
    "said_403": ("无权这样办理", "It is for somebody else to do"),
    "said_404": ("不存在，或不在您的范围内", "There is no such thing in your sight"),
    "said_409": ("已有变动，或现在的状态不允许", "It has changed, or cannot take this now"),
    "said_413": ("内容过大", "It is too large"),
    "said_422": ("填写有误", "Something is not acceptable"),
    "said_other": ("没有办成", "It was not done"),
    "said_lost": ("连不上服务，请稍后再试", "The service does not answer; try again"),
    "said_signed_out": ("登录已失效，请重新登录", "You are signed out; sign in again"),
    "mend_id": ("请回到列表重新打开", "Go back to the list and open it again"),
    # cases
    "mend_409_move": (
        "这一步已经办过，或要先办别的步骤",
        "This step is done already, or another comes first",
    ),
    "mend_403_move": (
        "这一步由别人办理；经手过案件的人不能核查",
        "The step is somebody else's; who handled a case does not check it",
    ),
    "mend_seq": ("请看过最新情况再办", "Look at how it stands now, then do it again"),
    "mend_reason": ("请写明原因，最多 2000 字", "Say why, in at most 2,000 characters"),
    "mend_recipient": ("请选明是哪个责任方的任务", "Choose whose task it is"),
    "mend_finding": ("请选择处理结果", "Choose what was found"),
    "mend_tasks": (
        "请选择在岗、尚无此案任务的责任方，一至五个；双报告至少两个",
        "Choose one to five who are on duty and have no task of the case; two at least where both report",
    ),
    "mend_recipients": ("按规则找不到足够的责任方，请指定", "The rules find too few; name them"),
    "mend_details": ("延时请填 1 至 1000", "Give 1 to 1,000 for the extension"),
    "mend_into": (
        "请填另一案件的编号；不公开的案件只与不公开的合并",
        "Give the id of another case; private ones merge with private ones only",
    ),
    # reports and work records
    "mend_category": ("没有这个类别，或与原来相同", "There is no such category, or nothing is changed"),
    "mend_location": ("请在本辖区的地图上选定位置，或改选类别", "Choose the place on the map, or a category"),
    "mend_lon": ("位置离本辖区太远，请在地图上重新选定", "Too far from the district; choose it on the map"),
    "mend_lat": ("位置离本辖区太远，请在地图上重新选定", "Too far from the district; choose it on the map"),
    "mend_body": ("照片须是完整的图片，且不过大", "Give a whole picture that is not too large"),
    "mend_description": ("最多 5000 字，不含特殊字符", "Give at most 5,000 plain characters"),
    "mend_occurred_at": (
        "时间在 1990 年以前，或在将来；请检查手机时间",
        "Before 1990 or to come; check the clock",
    ),
    "mend_occurred_on": (
        "日期在 1990 年以前，或在将来；请检查手机时间",
        "Before 1990 or to come; check the clock",
    ),
    "mend_client_id": ("同一条内容已经以别的样子收到", "It was received already, with another content"),
    "mend_quantity": ("数量须大于 0，最多六位小数", "Give a number above 0 with at most six decimals"),
    "mend_place_name": ("地点最多 200 字", "Give at most 200 characters for the place"),
    # inspections
    "mend_403_plan": ("这项排查不归您", "This inspection is somebody else's"),
    "mend_plan": ("这项排查计划已经改变", "The plan of inspections has changed"),
    "mend_409_target": ("这一处当天已经有人查过", "It was inspected on that day already"),
    "mend_target": ("计划中已没有这一处", "The plan has it no longer"),
    "mend_inspected_on": ("只能补记最近 31 天的", "Only the last 31 days can be entered"),
    "mend_note": ("最多 2000 字", "Give at most 2,000 characters"),
}
