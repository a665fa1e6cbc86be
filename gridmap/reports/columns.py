"""Which column of a file is what: usual Chinese and English headings, and flags that overrule them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gridmap.errors import BadFile
from gridmap.tabular import choose_columns

# field of a report -> headings, the surest first; compared without case, blanks and underscores
HEADINGS: dict[str, tuple[str, ...]] = {
    "client_id": (
        "client_id",
        "编号",
        "上报编号",
        "案件编号",
        "工单编号",
        "事件编号",
        "任务号",
        "case_enquiry_id",
        "case_id",
        "service_request_id",
        "request_id",
        "unique_key",
        "report_id",
        "id",
    ),
    "category": (
        "category",
        "category_code",
        "类别",
        "类别编码",
        "问题类别",
        "案件类别",
        "事件类别",
        "上报类别",
        "分类",
    ),
    "description": (
        "description",
        "描述",
        "问题描述",
        "事件描述",
        "案件描述",
        "上报内容",
        "内容",
        "说明",
        "details",
        "case_title",
        "title",
        "标题",
    ),
    "occurred_at": (
        "occurred_at",
        "发生时间",
        "上报时间",
        "发现时间",
        "时间",
        "日期",
        "上报日期",
        "open_dt",
        "opened_at",
        "created_at",
        "created_date",
        "reported_at",
        "requested_datetime",
        "datetime",
        "timestamp",
        "time",
        "date",
    ),
    "lon": ("lon", "lng", "long", "longitude", "经度", "x坐标", "x"),
    "lat": ("lat", "latitude", "纬度", "y坐标", "y"),
    "accuracy_m": ("accuracy_m", "accuracy", "定位精度", "精度", "horizontal_accuracy"),
    "datum": ("datum", "坐标系", "坐标系统", "coordinate_system"),
    "named_area": ("named_area", "小区名称", "小区", "所属小区", "楼栋", "compound", "building"),
}


def map_columns(fields: Sequence[str], told: Mapping[str, str | None]) -> dict[str, str]:
    """field of a report -> heading in the file. `told` (from flags) overrules what is recognised.

    Raises BadFile naming the field when a told heading is not there, or when a file has no time, or neither
    coordinates nor named areas.
    """
    named = {field: heading for field, heading in told.items() if heading}
    for field, heading in named.items():
        if heading not in fields:
            raise BadFile(f"no column {heading!r}; the file has {', '.join(fields)}", field=field)
    mapped = choose_columns(fields, HEADINGS) | named
    if "occurred_at" not in mapped:
        raise BadFile(f"no column of times recognised in {', '.join(fields)}; name it", field="occurred_at")
    if not {"lon", "lat"} <= mapped.keys() and "named_area" not in mapped:
        raise BadFile(f"no columns of lon and lat recognised in {', '.join(fields)}; name them", field="lon")
    return mapped
