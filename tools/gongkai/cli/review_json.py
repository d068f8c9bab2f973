"""The list and a submission as JSON: data for other programs, texts as their authors wrote them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from gongkai.cli.door import Door
from gongkai.cli.review_page import Pages
from gongkai.evidence.acts import Owed
from gongkai.evidence.state import Submission
from gongkai.gate.desk import Desk, Row, Waiting
from gongkai.gate.lines import DiffLine
from gongkai.gate.shown import Shown
from gongkai.gate.view import FileShown, ItemShown
from gongkai.gate.worded import is_hidden
from gongkai.model.finding import Report
from gongkai.report.escape import json_text
from gongkai.report.shown import Sheet


def rows_json(door: Door, desk: Desk, found: Iterable[Row]) -> str:
    """`{"schema_version", "submissions": [...]}`, what is due first on top."""
    return _dump({"schema_version": 1, "submissions": [_row(door, row) for row in found]})


def _row(door: Door, row: Row) -> dict[str, Any]:
    first = row.limits[0] if row.limits else None
    return {
        **_submission(row.submission),
        "title": row.title,
        "my_steps": [step.code for step in row.mine],
        "waiting": _waiting(row.waiting),
        "due": first.due.due.isoformat() if first else None,
        "days_left": first.days if first else None,
        "late": bool(first and first.late),
        "limits": [
            {"what": x.kind, "due": x.due.due.isoformat(), "days_left": x.days, "late": x.late, "provisional": x.due.provisional}
            for x in row.limits
        ],
        "moved": [door.say(words) for words in row.moved],
        "second_review": owed_data(row.owed),
    }  # fmt: skip


def owed_data(owed: Owed | None) -> dict[str, Any] | None:
    """The second review that is owed; null for none."""
    if owed is None:
        return None
    against = owed.objection
    return {
        "state": owed.state, "due": owed.due, "items": list(owed.items), "lapse": owed.lapse or "show",
        "refused_by": against.person if against else None, "reasons": dict(against.reasons) if against else {},
    }  # fmt: skip


def _submission(submission: Submission) -> dict[str, Any]:
    last = submission.last
    return {
        "number": submission.number,
        "state": submission.state,
        "department": submission.department,
        "version": last.number,
        "person": last.person,
        "received": last.received.isoformat(),
        "first_received": submission.versions[0].received.isoformat(),
        "items": list(last.change.items),
        "digest": last.change.digest,
    }


def _waiting(waiting: Waiting) -> list[dict[str, Any]]:
    return [{"step": step.code, "role": step.role, "people": list(people)} for step, people in waiting]


def shown_json(door: Door, desk: Desk, shown: Shown, pages: Pages) -> str:
    """The whole submission; `remarks` first, as on the screen."""
    sheet = Sheet(Report.of(shown.findings), door.say, {})
    data = {
        "schema_version": 1,
        "remarks": [door.say(words) for words in shown.remarks],
        "submission": _submission(shown.submission),
        "items": [_item(door, item) for item in shown.items],
        "files": [_file(file) for file in shown.files],
        "findings": [
            {"code": x.finding.code, "severity": x.finding.severity.value, "path": x.finding.place.path,
             "line": x.finding.place.line, "column": x.finding.place.column, "message": x.message, "hint": x.hint}
            for x in sheet.lines()
        ],
        "approvals": [
            {"person": x.approval.person, "step": x.approval.step, "time": x.approval.time.isoformat(), "counts": x.counts}
            for x in shown.approvals
        ],
        "returns": [
            {"person": x.person, "version": x.version, "time": x.time.isoformat(), "reasons": dict(x.reasons)}
            for x in shown.submission.returns
        ],
        "waiting": _waiting(shown.waiting),
        "against": [door.say(words) for words in shown.against],
        "second_review": owed_data(shown.owed),
        "pages": [str(path) for path in pages.paths],
    }  # fmt: skip
    return _dump(data)


def _item(door: Door, item: ItemShown) -> dict[str, Any]:
    return {
        "id": item.id,
        "state": item.state,
        "type": item.type,
        "title": item.title,
        "path": item.path,
        "address": item.address,
        "fields": [
            {"name": f.name, "title": f.title.in_language(door.lang), "old": list(f.old), "new": list(f.new)}
            for f in item.fields
        ],
        "body": _lines(item.body),
        "file": _lines(item.raw),
        "attachments": [_file(file) for file in item.files],
        "dues": [
            {"stage": d.stage, "due": d.due.due.isoformat(), "days": d.days, "late": d.late, "met": d.met, "provisional": d.due.provisional}
            for d in item.dues
        ],
    }  # fmt: skip


def _lines(lines: Iterable[DiffLine]) -> list[str]:
    return [f"{line.sign}{line.text}" for line in lines]


def _file(file: FileShown) -> dict[str, Any]:
    return {
        "path": file.path,
        "state": file.state,
        "size": file.size,
        "sha256": file.sha256,
        "old_size": file.old_size,
        "old_sha256": file.old_sha256,
        "lines": _lines(file.lines),
    }


def _dump(data: Any) -> str:
    """JSON with Chinese as it is, and what a terminal would obey or nobody could see as escapes."""
    text = json_text(data)
    return "".join(json.dumps(c)[1:-1] if c != "\n" and is_hidden(c) else c for c in text)
