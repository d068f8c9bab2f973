"""The figures of the sample bureau's Excel files. What can be added up is added up here, not typed twice."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence

from demo.office import Rows

Book = tuple[str, Mapping[str, Rows]]
HEADS = ("人员经费", "公用经费", "项目支出")
SPENDING = {
    2022: (905.0, 215.0, 740.0),
    2023: (918.0, 212.0, 805.0),
    2024: (936.0, 209.0, 865.0),
    2025: (968.0, 217.0, 900.0),
    2026: (985.0, 215.0, 920.0),
}
PROJECTS = {
    2022: (
        ("北汐站水位计更换", 120.0),
        ("星槎洲验潮站前期", 90.0),
        ("灯塔维护", 230.0),
        ("渡口设施维护", 300.0),
    ),
    2023: (("星槎洲验潮站建设", 260.0), ("双螺渡口无障碍跳板", 185.0), ("灯塔维护", 210.0), ("其他", 150.0)),
    2024: (
        ("雾角灯塔助航灯器更新", 48.0),
        ("归帆渡口无障碍改造", 240.0),
        ("孤帆礁验潮站前期", 180.0),
        ("灯塔和渡口维护", 397.0),
    ),
    2025: (
        ("归帆渡验潮站建设", 280.0),
        ("听澜渡口无障碍改造", 210.0),
        ("护岸永久修复", 150.0),
        ("灯塔和渡口维护", 260.0),
    ),
    2026: (
        ("归帆渡验潮站收尾", 140.0),
        ("新一轮观测站网规划编制", 60.0),
        ("应急值守和演练", 130.0),
        ("灯塔和渡口维护", 590.0),
    ),
}
STATIONS_2022 = {"北汐站": (8760, 8585), "双螺屿站": (8760, 8497), "听澜湾站": (8760, 8410)}
STATIONS_2023 = {
    "北汐站": (8760, 8672),
    "双螺屿站": (8760, 8585),
    "听澜湾站": (8760, 8541),
    "星槎洲站": (4416, 4283),
}


def budget(year: int) -> Book:
    """A year's budget: income and spending, spending by kind, and the projects."""
    spent, total = SPENDING[year], sum(SPENDING[year])
    sheets: dict[str, Rows] = {
        "收支总表": (
            ("收入项目", "金额（万元）", "支出项目", "金额（万元）"),
            ("一般公共预算拨款", total, HEADS[0], spent[0]),
            ("其他收入", 0.0, HEADS[1], spent[1]),
            ("", "", HEADS[2], spent[2]),
            ("收入总计", total, "支出总计", total),
        ),
        "支出明细": _spending(year),
        "项目支出": (("项目", "金额（万元）"), *PROJECTS[year], ("合计", sum(v for _, v in PROJECTS[year]))),
    }
    return f"云渡市潮汐管理局{year}年部门预算表", sheets


def _spending(year: int) -> Rows:
    now, before = SPENDING[year], SPENDING.get(year - 1)
    if before is None:
        return (("支出类别", f"{year}年（万元）"), *zip(HEADS, now, strict=True), ("合计", sum(now)))
    rows = [(head, old, new, round(new - old, 2)) for head, old, new in zip(HEADS, before, now, strict=True)]
    total = ("合计", sum(before), sum(now), round(sum(now) - sum(before), 2))
    return (("支出类别", f"{year - 1}年（万元）", f"{year}年（万元）", "增减（万元）"), *rows, total)


def tides(year: int, stations: Mapping[str, tuple[int, int]]) -> Book:
    """Hours to be observed and observed, by station and month; the months add up to the year."""
    months = [(f"{month}月", calendar.monthrange(year, month)[1] * 24) for month in range(1, 13)]
    head = ("月份", *(f"{name}{what}" for name in stations for what in ("应测", "实测")))
    columns = [column for wanted, got in stations.values() for column in _by_month(months, wanted, got)]
    rows: list[tuple[str | float, ...]] = [
        (name, *(column[number] for column in columns)) for number, (name, _) in enumerate(months)
    ]
    total: tuple[str | float, ...] = ("合计", *(sum(column) for column in columns))
    year_rows = [(name, full, got, round(got / full * 100, 1)) for name, (full, got) in stations.items()]
    sheets: dict[str, Rows] = {
        "年度": (("验潮站", "应测时次", "实测时次", "完整率（%）"), *year_rows),
        "分月": (head, *rows, total),
        "说明": (("说明",), ("潮位以云渡零点起算。",), ("完整率为实测时次与应测时次之比。",)),
    }
    return f"{year}年潮汐观测统计表", sheets


def _by_month(months: Sequence[tuple[str, int]], wanted: int, got: int) -> tuple[list[int], list[int]]:
    """Spread what is missing over the months at work; a station that began in July has none before."""
    hours = [full for _, full in months]
    if wanted < sum(hours):
        hours = [0] * 6 + hours[6:]
    active = [number for number, full in enumerate(hours) if full]
    share, rest = divmod(wanted - got, len(active))
    missing = {number: share + (place < rest) for place, number in enumerate(active)}
    return hours, [full - missing.get(number, 0) for number, full in enumerate(hours)]


FINAL_ACCOUNTS: Book = (
    "云渡市潮汐管理局2022年部门决算表",
    {
        "收支决算": (
            ("项目", "预算（万元）", "决算（万元）", "完成率（%）"),
            ("收入合计", 1860.0, 1848.6, 99.4),
            ("人员经费", 905.0, 902.3, 99.7),
            ("公用经费", 215.0, 208.95, 97.2),
            ("项目支出", 740.0, 720.9, 97.4),
            ("支出合计", 1860.0, 1832.15, 98.5),
            ("年末结转", "", 16.45, ""),
        ),
    },
)
THREE_PUBLIC: Book = (
    "云渡市潮汐管理局2024年“三公”经费预算表",
    {
        "三公经费": (
            ("项目", "2023年（万元）", "2024年（万元）", "增减（万元）"),
            ("因公出国（境）费", 0.0, 0.0, 0.0),
            ("公务用车购置费", 0.0, 0.0, 0.0),
            ("公务用车运行维护费", 22.5, 22.0, -0.5),
            ("公务接待费", 6.0, 4.8, -1.2),
            ("合计", 28.5, 26.8, -1.7),
        ),
        "公务用车": (("类别", "数量（辆）"), ("巡查车", 4), ("应急车", 1), ("合计", 5)),
    },
)
PERFORMANCE: Book = (
    "2024年度项目绩效评价得分表",
    {
        "得分": (
            ("项目", "资金（万元）", "决策（20）", "过程（20）", "产出（40）", "效益（20）", "总分"),
            ("雾角灯塔助航灯器更新", 48.0, 19.0, 18.5, 37.5, 19.0, 94.0),
            ("归帆渡口无障碍改造", 240.0, 19.0, 17.0, 36.5, 19.5, 92.0),
            ("孤帆礁验潮站前期", 180.0, 16.5, 17.0, 35.0, 17.5, 86.0),
            ("灯塔和渡口维护", 397.0, 18.0, 16.5, 36.0, 17.5, 88.0),
        ),
    },
)
SELF_CHECK: Book = (
    "网站内容自查表",
    {
        "自查": (
            ("序号", "栏目", "检查内容", "是否符合", "问题", "整改完成时间"),
            (1, "办事服务", "指南要素齐全，电话、表格可用", "", "", ""),
            (2, "政策文件", "效力状况标注正确", "", "", ""),
            (3, "公示公告", "期满名单已撤下", "", "", ""),
            (4, "全部栏目", "没有错链、断链，图片有文字说明", "", "", ""),
            (5, "全部栏目", "更新频次符合要求", "", "", ""),
            (6, "全部栏目", "附件没有批注、修订和隐藏工作表", "", "", ""),
        ),
    },
)
POSTS_2022: Book = (
    "2022年公开招聘岗位表",
    {
        "岗位": (
            ("岗位代码", "岗位", "人数", "学历", "专业", "工作地点", "其他条件"),
            ("22-01", "潮汐观测员", 1, "大学专科及以上", "海洋科学、水文、测绘类", "北汐站", "适应倒班"),
            (
                "22-02",
                "潮汐观测员",
                1,
                "大学专科及以上",
                "海洋科学、水文、测绘类",
                "双螺屿站",
                "适应海岛值守",
            ),
            ("22-03", "灯塔机电维护员", 1, "大学专科及以上", "机电、电气类", "雾角灯塔", "适应登高作业"),
        ),
    },
)
POSTS_2025: Book = (
    "2025年公开招聘岗位表",
    {
        "岗位": (
            ("岗位代码", "岗位", "人数", "学历", "专业", "工作地点", "其他条件"),
            ("25-01", "应急值班员", 4, "大学专科及以上", "不限", "应急值班室", "适应24小时轮班"),
        ),
    },
)
