"""A few drafts of today for the demonstration: on time, due soon, late with its reason, late without one.

`python drafts.py PORTAL 2026-11-22` writes them into a working copy; `make portal` does so and plays on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from gongkai.intake.serials import Serials, path_of
from gongkai.items.write import render
from gongkai.store.files import write_all


@dataclass(frozen=True, slots=True)
class Draft:
    """An item about to be written: whose it is, of which type, its fields in order, and its text."""

    department: str
    type: str
    title: str
    fields: Mapping[str, Any]
    body: str


def write_drafts(root: Path, today: date) -> tuple[str, ...]:
    """Write the drafts into content/ of the portal at `root`, all or none; returns their paths.

    They carry the next free numbers of their departments and nothing that only a ledger or import gives.
    """
    serials = Serials(path.relative_to(root).as_posix() for path in (root / "content").rglob("*"))
    policy_id = serials.next_id("lighthouse", today.year)
    ids = {policy_id: policy(today)}
    for draft in (news(today), notice(today), reading(today, policy_id), excused(today), unexcused(today)):
        ids[serials.next_id(draft.department, today.year)] = draft
    files = {path_of(item_id): _text(item_id, draft).encode() for item_id, draft in ids.items()}
    write_all(root, files)
    return tuple(files)


def _text(item_id: str, draft: Draft) -> str:
    fields = {
        "id": item_id,
        "type": draft.type,
        "title": draft.title,
        "department": draft.department,
        "officer": f"{draft.department}-officer",
        **draft.fields,
        "openness": "proactive",
        "secrecy": "public",
        "personal_information": {"present": False},
    }
    schema = f"../../../schemas/items/{draft.type}.schema.json"
    return render(fields, draft.body, form="md", schema=schema)


def _weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend: papers are signed on weekdays."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def news(today: date) -> Draft:
    """A report of what happened today: due tomorrow, so on time."""
    fields = {
        "summary": "观测员完成六座验潮站水准点例行复测，结果全部符合要求。",
        "occurred_on": today.isoformat(),
        "category": "measures",
        "source": "潮汐观测科",
        "retention": "10y",
    }
    body = f"""{_said(today)}，潮汐观测科完成六座验潮站水准点例行复测，结果全部符合要求。

| 验潮站 | 水准点（处） | 最大差值（毫米） | 结论 |
| --- | ---: | ---: | --- |
| 北汐站 | 4 | 1.2 | 符合 |
| 双螺屿站 | 4 | 1.6 | 符合 |
| 听澜湾站 | 4 | 1.1 | 符合 |
| 星槎洲站 | 4 | 1.8 | 符合 |
| 孤帆礁站 | 4 | 1.5 | 符合 |
| 归帆渡站 | 4 | 0.9 | 符合 |

复测依据[潮汐观测设施保护办法](doc:tide-2023-00003)进行，成果将用于下一年度潮汐表编制。
"""
    return Draft("tide", "news", "潮汐观测科完成验潮站水准点例行复测", fields, body)


def notice(today: date) -> Draft:
    """A notice signed today, with a day that it sets."""
    last = today + timedelta(days=20)
    signed = _weekday(today)
    fields = {
        "summary": "听澜渡口跳板检修期间调整班次，请乘客提前安排行程。",
        "addressees": ["乘客", "沿线单位"],
        "document_date": signed.isoformat(),
        "deadline_on": last.isoformat(),
        "contact": {"name": "渡口管理站值班室", "telephone": "0000-5550140"},
        "retention": "10y",
    }
    body = f"""因跳板检修，听澜渡口自{_said(today + timedelta(days=10))}至{_said(last)}调整班次：

- 首班7:00、末班18:00，每60分钟一班；
- 轮椅乘客请改乘双螺渡口，渡口免费接驳；
- 遇大风、大雾按停渡标准执行。

提前完成检修的，及时公告恢复原班次。
"""
    return Draft("ferry", "notice", "关于听澜渡口跳板检修期间调整班次的通知", fields, body)


def policy(today: date) -> Draft:
    """A rule paper signed a day or two ago."""
    signed = _weekday(today - timedelta(days=1))
    starts = today + timedelta(days=30)
    fields = {
        "summary": "规定灯塔遥测巡检的频次、告警到场时限和记录要求。",
        "document_number": f"云潮发〔{signed.year}〕21号",
        "issuers": ["云渡市潮汐管理局"],
        "document_date": signed.isoformat(),
        "effective_from": starts.isoformat(),
        "validity": "valid",
        "topics": ["navigation"],
        "genre": "rules",
        "normative": True,
        "retention": "permanent",
    }
    body = f"""各科室（站）：

现将《灯塔遥测巡检规定》印发给你们，请遵照执行。

# 灯塔遥测巡检规定

第一条　为保证灯塔正常发光，制定本规定。

第二条　每晚日落后、零时后各遥测巡检一次，记录灯质、电压和通信状态。

第三条　告警后60分钟内到场；雾季45分钟内到场。

第四条　误报也要记录，写明原因，每季度分析一次。

第五条　灯塔管理科每半年公开一次告警和到场情况。

第六条　本规定自{_said(starts)}起施行。
"""
    return Draft("lighthouse", "policy", "云渡市潮汐管理局关于印发灯塔遥测巡检规定的通知", fields, body)


def reading(today: date, policy_id: str) -> Draft:
    """The reading of that paper, submitted with it."""
    fields = {
        "summary": "说明灯塔遥测巡检为什么一晚两次、告警多久到场。",
        "interprets": policy_id,
        "form": "qa",
        "interpreter": "灯塔管理科",
        "retention": "30y",
    }
    body = f"""**问：为什么一晚巡检两次？**

答：灯塔故障多发生在开灯时和后半夜降温时，两次巡检正好覆盖。

**问：告警后多久到场？**

答：平时60分钟，雾季45分钟。

**问：误报为什么也要记录？**

答：误报多了，值班人员容易麻痹。记下原因，才能把误报降下来。

规定全文见[灯塔遥测巡检规定](doc:{policy_id})。
"""
    return Draft("lighthouse", "interpretation", "《灯塔遥测巡检规定》问答", fields, body)


def excused(today: date) -> Draft:
    """News six days old, with the reason why it comes late."""
    happened = today - timedelta(days=6)
    fields = {
        "summary": "应急值班室在听澜渡口开展海雾停渡桌面推演。",
        "occurred_on": happened.isoformat(),
        "category": "measures",
        "source": "应急值班室",
        "late_reason": "推演后发现停渡广播词有误，核对更正后报送，晚于次日。",
        "retention": "10y",
    }
    body = f"""{_said(happened)}，应急值班室在听澜渡口开展海雾停渡桌面推演，
推演接报、研判、停渡、广播、复渡五个环节。

推演从能见度降到500米开始，到作出停渡决定用时3分钟，到网站发布用时11分钟，均在规定时限以内。
推演中发现停渡广播词漏说复渡条件，已经更正并发至三个渡口。
"""
    return Draft("emergency", "news", "应急值班室开展海雾停渡桌面推演", fields, body)


def unexcused(today: date) -> Draft:
    """A notice signed weeks ago and forgotten: late, and no reason given."""
    signed = _weekday(today - timedelta(days=25))
    last = today + timedelta(days=15)
    fields = {
        "summary": "部署下一年度普法计划征集工作，各科室按期报送。",
        "addressees": ["局属各科室（站）"],
        "document_date": signed.isoformat(),
        "deadline_on": last.isoformat(),
        "contact": {"name": "法规科", "telephone": "0000-5550150"},
        "retention": "10y",
    }
    body = f"""请各科室（站）结合业务实际，提出下一年度普法活动建议，写明对象、内容、时间和承办岗位。

建议于**{_said(last)}**前送法规科汇总。没有建议的也请回复。
"""
    return Draft("law", "notice", "关于征集下一年度普法活动建议的通知", fields, body)


def drafts_of(arguments: list[str]) -> Iterator[str]:
    """The lines that the small command prints: a portal's folder and a date go in, paths come out."""
    root, day = arguments
    return iter(write_drafts(Path(root), date.fromisoformat(day)))


if __name__ == "__main__":
    sys.stdout.write("".join(f"{path}\n" for path in drafts_of(sys.argv[1:])))
