"""Everything published looked at again with the rules of today: an issue list with owner, due date and state.

The list is dated to the next working day and handed out; whoever answers for the item has three working days (平台信息资料管理
实施细则 第7、13条). An issue is mended when a later scan no longer finds it: the change that did so was approved by others,
as every change is.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from gongkai.checks.officers import in_office
from gongkai.checks.portal import Portal
from gongkai.model.deadline import Period, Unit
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.finding import Finding, Report, Severity
from gongkai.model.item import Item
from gongkai.model.message import Say, msg
from gongkai.store.files import write_whole

SCHEMA_VERSION = 1
HANDED_OUT = Period(Unit.WORKING_DAYS, 1)
CLEAR = Period(Unit.WORKING_DAYS, 3)
OPEN, OVERDUE, MENDED = "open", "overdue", "mended"
REMEMBERED = 365
"""So many days a mended issue stays in the list's file."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding in something published. Days are ISO dates; `owner` are the codes of the department's officers in office.

    `key` stays while the finding stays, wherever in the file it moves; `message` masks what was found, as findings do.
    """

    key: str
    code: str
    severity: str
    item: str
    title: str
    path: str
    line: int
    message: str
    hint: str
    department: str
    owner: tuple[str, ...]
    found: str
    listed: str
    due: str
    state: str = OPEN
    mended: str = ""


def scan(report: Report, portal: Portal, known: Iterable[Issue], say: Say) -> tuple[Issue, ...]:
    """The issue list after this scan: what is found now, and what was found before and is mended. Overdue first."""
    today = portal.today.date()
    before = {issue.key: issue for issue in known}
    found = {issue.key: issue for issue in _found(report, portal, before, today, say)}
    gone = (_mended(issue, today) for key, issue in before.items() if key not in found)
    kept = (i for i in gone if (today - date.fromisoformat(i.mended)).days <= REMEMBERED)
    order = {OVERDUE: 0, OPEN: 1, MENDED: 2}
    return tuple(
        sorted((*found.values(), *kept), key=lambda i: (order[i.state], i.due, i.path, i.line, i.key))
    )


def _found(
    report: Report, portal: Portal, before: Mapping[str, Issue], today: date, say: Say
) -> Iterator[Issue]:
    seen: Counter[str] = Counter()
    for finding in report.findings:
        item = _item_of(finding, portal)
        if item is None:
            continue
        same = f"{finding.code} {item.id} {finding.field} {_words(finding)}"
        seen[same] += 1
        key = hashlib.sha256(f"{same} {seen[same]}".encode()).hexdigest()[:16]
        yield _issue(key, finding, item, portal, before.get(key), today, say)


def _words(finding: Finding) -> str:
    return f"{finding.message.text} {sorted((k, str(v)) for k, v in finding.message.holes.items())}"


def _item_of(finding: Finding, portal: Portal) -> Item | None:
    """The item whose file, or whose attachment, the finding is about; None for findings in settings and schemas."""
    path = finding.place.path
    own = portal.corpus.by_path.get(path)
    return own or portal.corpus.by_id.get(path.split("/")[3] if path.count("/") > 3 else "")


def _issue(
    key: str, finding: Finding, item: Item, portal: Portal, old: Issue | None, today: date, say: Say
) -> Issue:
    # One that comes back after it was mended is found anew, with days of its own.
    first = date.fromisoformat(old.found) if old and old.state != MENDED else today
    listed = portal.calendar.due(first, HANDED_OUT).day
    due = portal.calendar.due(listed, CLEAR).day
    department = item.text("department") or item.id.rsplit("-", 2)[0]
    return Issue(
        key, finding.code, finding.severity.value, item.id, item.title, finding.place.path, finding.place.line,
        say(finding.message), say(finding.hint), department, in_office(portal, department),
        first.isoformat(), listed.isoformat(), due.isoformat(), OVERDUE if today > due else OPEN,
    )  # fmt: skip


def _mended(issue: Issue, today: date) -> Issue:
    return issue if issue.state == MENDED else replace(issue, state=MENDED, mended=today.isoformat())


def wanted(families: Iterable[str], least: Severity, report: Report) -> Report:
    """The report's findings of these families of rules (the letters of their codes; none: all) that weigh enough."""
    names = tuple(families)
    return replace(
        report, findings=tuple(f for f in report.at_least(least) if not names or f.code.startswith(names))
    )


def read_list(path: Path) -> tuple[Issue, ...]:
    """The issues that an earlier scan wrote; none when there is no file. GongkaiError when it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Issue(**{**row, "owner": tuple(row["owner"])}) for row in data["issues"])
    except FileNotFoundError:
        return ()
    except (ValueError, KeyError, TypeError) as error:
        raise GongkaiError(
            msg("{path} is no issue list: {reason}", path=str(path), reason=str(error)[:200]),
            msg("name another file with --state, or move this one away: the list then begins anew"),
            Exit.BROKEN,
        ) from error


def write_list(path: Path, issues: Iterable[Issue], now: datetime) -> None:
    """Keep the list for the next scan, whole or not at all."""
    data = {
        "schema_version": SCHEMA_VERSION,
        "scanned": now.isoformat(),
        "issues": [asdict(i) for i in issues],
    }
    write_whole(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
