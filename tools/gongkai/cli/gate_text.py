"""A ruling on a pull request in words, as data, and as a forge shows it beside the lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongkai.cli.door import Door
from gongkai.evidence.acts import Approval
from gongkai.evidence.ruling import waiting_for
from gongkai.gate.forge_bench import grade_of
from gongkai.gate.forge_gate import Verdict
from gongkai.gate.worded import clean
from gongkai.model.evidence import Step
from gongkai.model.finding import Finding, Place, Report, Severity
from gongkai.model.message import Message, msg
from gongkai.model.settings import words
from gongkai.report.escape import json_text
from gongkai.report.formats import FORMATS
from gongkai.report.shown import Sheet

GRADES = {"forge": msg("a review on the forge, not signed"), "signed": msg("signed")}
YES = msg("yes: everything that is needed is there; the pull request may be merged")
NO = msg("no: the pull request must not be merged yet")
UNKNOWN = msg("who pushed the branch is not known: give the forge's record with --pushes")
IN_ORDER = msg("the content is in order; approvals were not looked for")


def says(verdict: Verdict, asked: bool) -> Message:
    """The answer in one sentence; `asked`: whether approvals were looked for."""
    if not asked:
        return IN_ORDER if not verdict.ruling.reasons else NO
    return YES if verdict.ruling.yes else NO


def text(door: Door, verdict: Verdict, asked: bool, now: datetime) -> str:
    """The answer, then each step and who fills it, then every reason, what was passed over, and the findings."""
    steps = [m for _, m in _steps(door, verdict, now)] if asked else []
    lines = [door.say(says(verdict, asked)), *(f"  {door.say(m)}" for m in (_about(verdict), *steps))]
    lines += [f"  - {door.say(m)}" for m in verdict.ruling.reasons]
    shown = {str(m) for m in verdict.ruling.reasons}
    spare = [m for m in verdict.passed_over if str(m) not in shown]
    lines += [f"  · {door.say(m)}" for m in (msg("not counted: {says}", says=m) for m in spare)]
    if asked and verdict.grade == "forge" and not verdict.pushers_known:
        lines.append(f"  · {door.say(UNKNOWN)}")
    body = "".join(f"{clean(line)}\n" for line in lines)
    return body + FORMATS["text"](Sheet(Report.of(verdict.findings), door.say, {}))


def _about(verdict: Verdict) -> Message:
    submission, items = verdict.submission, ", ".join(verdict.change.items)
    return msg(
        "{number}, handed in by {person} for {department}: {items}",
        number=submission.number or "?", person=submission.last.person or "?", department=submission.department or "?",
        items=items or (msg("settings") if verdict.change.is_policy else "-"),
    )  # fmt: skip


def _steps(door: Door, verdict: Verdict, now: datetime) -> Iterator[tuple[Step, Message]]:
    waiting = dict(waiting_for(verdict.ruling, verdict.submission, verdict.policy, now))
    for step in verdict.steps:
        name = _step(door, verdict, step)
        given = _filled(verdict, step)
        if given is not None:
            yield (
                step,
                msg(
                    "{step}: {person}, {grade}", step=name, person=given.person, grade=GRADES[grade_of(given)]
                ),
            )
        elif step in waiting:
            people = ", ".join(p for p in waiting[step] if p not in verdict.hands)
            yield step, msg("{step}: waits for {people}", step=name, people=people or "?")


def _step(door: Door, verdict: Verdict, step: Step) -> str:
    row = verdict.policy.review.get("steps", {}).get(step.code, {})
    title = words(row.get("title"))
    return title.in_language(door.lang) if title else step.code


def _filled(verdict: Verdict, step: Step) -> Approval | None:
    if step in verdict.ruling.waiting:
        return None
    return next((a for a in verdict.approvals if a.step == step.code), None)


def data(door: Door, verdict: Verdict, asked: bool, now: datetime) -> str:
    """The machine's form: `schema_version` 1, stable order."""
    submission, waiting = (
        verdict.submission,
        dict(waiting_for(verdict.ruling, verdict.submission, verdict.policy, now)),
    )
    findings = [
        {"code": f.code, "severity": f.severity.value, "path": f.place.path, "line": f.place.line,
         "column": f.place.column, "message": door.say(f.message), "hint": door.say(f.hint)}
        for f in Report.of(verdict.findings).findings
    ]  # fmt: skip
    return json_text({
        "schema_version": 1, "yes": verdict.ruling.yes if asked else None, "in_order": not verdict.ruling.reasons if not asked else None,
        "base": verdict.base, "head": verdict.head, "tree": verdict.tree, "change": verdict.change.digest,
        "items": list(verdict.change.items), "settings": verdict.change.is_policy, "submission": submission.number,
        "department": submission.department, "person": submission.last.person,
        "received": submission.last.received.isoformat(), "grade": verdict.grade, "pushers_known": verdict.pushers_known,
        "steps": [_row(verdict, step, waiting.get(step, ())) for step in verdict.steps],
        "reasons": [door.say(m) for m in verdict.ruling.reasons],
        "not_counted": [door.say(m) for m in verdict.passed_over], "findings": findings,
    }) + "\n"  # fmt: skip


def _row(verdict: Verdict, step: Step, people: tuple[str, ...]) -> dict[str, Any]:
    given = _filled(verdict, step)
    return {
        "step": step.code, "role": step.role, "department": step.department, "person": given.person if given else "",
        "grade": grade_of(given) if given else "", "time": given.time.isoformat() if given else "",
        "waits_for": [p for p in people if p not in verdict.hands],
    }  # fmt: skip


def beside(door: Door, verdict: Verdict, asked: bool, now: datetime, form: str) -> str:
    """Findings and reasons as annotations of a forge; a reason stands at the first file of the change."""
    path = verdict.change.paths[0].path if verdict.change.paths else "site_config/review.yml"
    missing = [m for step, m in _steps(door, verdict, now) if step in verdict.ruling.waiting]
    reasons = [*verdict.ruling.reasons, *(missing if asked else ())]
    rows = [Finding("GATE", Severity.ERROR, Place(path), "", reason, Message("")) for reason in reasons]
    return FORMATS[form](Sheet(Report.of((*rows, *verdict.findings)), door.say, {}))
