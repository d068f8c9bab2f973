"""A submission in words, for a terminal. Whatever others wrote goes through `clean` before it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gongkai.checks.lateness import stage_name
from gongkai.cli.door import Door
from gongkai.evidence.state import Submission
from gongkai.gate.desk import Desk, Limit, Row
from gongkai.gate.lines import DiffLine
from gongkai.gate.reviewer import Outcome
from gongkai.gate.shown import ApprovalShown, Shown
from gongkai.gate.view import DueShown, FieldShown, FileShown, ItemShown
from gongkai.gate.worded import clean
from gongkai.model.deadline import Due
from gongkai.model.finding import Report
from gongkai.model.message import N_, Hole, Message, Words, msg
from gongkai.report.formats import FORMATS
from gongkai.report.shown import Sheet, path_text

STATES = {
    "waiting": msg("waiting for approval"),
    "returned": msg("returned, waits for its officer"),
    "accepted": msg("accepted"),
    "cancelled": msg("taken back"),
}
ITEM_STATES = {
    "new": msg("new"),
    "changed": msg("changed"),
    "withdrawn": msg("taken down"),
    "gone": msg("deleted"),
    "removed": msg("removed: a notice takes its place"),
}
FILE_STATES = {"added": msg("added"), "changed": msg("changed"), "removed": msg("removed")}


class _Voice:
    """Says messages as clean lines."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def say(self, text: str, /, **holes: Hole) -> str:
        """A sentence as one clean line. `text` is a msgid that was marked with N_."""
        return clean(self.door.say(Message(text, holes)))

    def words(self, words: Words) -> str:
        """A name in the reader's language, clean."""
        return clean(words.in_language(self.door.lang))


def row_lines(door: Door, desk: Desk, row: Row) -> Iterator[str]:
    """A submission of the list: what it is, by when, which step is mine, who else is needed."""
    voice, submission = _Voice(door), row.submission
    title = row.title or ", ".join(p.path for p in submission.last.change.paths[:3])
    more = len(submission.last.change.items) - 1
    yield clean(f"{submission.number}  {title}") + (f" (+{more})" if more > 0 else "")
    yield "  " + voice.say(
        N_("{department}, version {version}, received {time}: {state}"),
        department=_department(desk, submission), version=submission.last.number,
        time=_time(desk, submission), state=STATES[submission.state],
    )  # fmt: skip
    for limit in row.limits:
        yield "  " + clean(door.say(limit_words(limit)))
    if row.owed is not None and row.owed.objection is not None:
        yield "  ! " + voice.say(
            N_("{person} refused the second review: its items must be withdrawn or mended"),
            person=desk.person(row.owed.objection.person),
        )  # fmt: skip
    if row.mine:
        steps = [desk.step(step) for step in row.mine]
        yield "  " + voice.say(N_("your step: {step}"), step=_joined(steps))
    for words in desk.who_can(tuple(w for w in row.waiting if w[0] not in row.mine)):
        yield "  " + clean(door.say(words))
    for words in row.moved:
        yield "  ! " + clean(door.say(words))


def limit_words(limit: Limit) -> Message:
    """A due date with the days left or lost; an overdue second review is called so."""
    what = {"review": msg("review"), "publication": msg("publication"), "second": msg("second review")}[
        limit.kind
    ]
    if limit.kind == "second" and limit.late:
        due = limit.due.due.isoformat()
        return msg("OVERDUE: {what} was due {due}, {days} days ago", what=what, due=due, days=-limit.days)
    return _due_words(what, limit.due, limit.days, limit.late)


def _due_words(what: Message, due: Due, days: int, late: bool) -> Message:
    mark = msg(" (provisional)") if due.provisional else Message("")
    holes: dict[str, Hole] = {"what": what, "due": due.due.isoformat(), "mark": mark, "days": abs(days)}
    if late and days == 0:
        return Message(N_("{what} was due today at {due}{mark}"), holes)
    if late:
        return Message(N_("{what} was due {due}{mark}, {days} days ago"), holes)
    if days == 0:
        return Message(N_("{what} is due today ({due}){mark}"), holes)
    return Message(N_("{what} is due {due}{mark}, {days} days left"), holes)


def shown_lines(door: Door, desk: Desk, shown: Shown) -> Iterator[str]:
    """The whole submission, the gravest first."""
    voice = _Voice(door)
    for remark in shown.remarks:
        yield "! " + clean(door.say(remark))
    yield from _heading(voice, desk, shown.submission)
    for item in shown.items:
        yield ""
        yield from _item(voice, item)
    if shown.files:
        yield ""
        yield voice.say(N_("Other files:"))
        for file in shown.files:
            yield from _file(voice, file)
    yield ""
    yield from _findings(voice, shown)
    yield from _standing(voice, desk, shown)
    yield voice.say(N_("digest of the change: {digest}"), digest=shown.submission.last.change.digest)


def _heading(voice: _Voice, desk: Desk, submission: Submission) -> Iterator[str]:
    yield voice.say(
        N_("{number}, version {version}: {state}"),
        number=submission.number, version=submission.last.number, state=STATES[submission.state],
    )  # fmt: skip
    yield voice.say(
        N_("from {person} ({department}), received {time}"),
        person=desk.person(submission.last.person), department=_department(desk, submission),
        time=_time(desk, submission),
    )  # fmt: skip
    if submission.last.number > 1:
        first = submission.versions[0].received.astimezone(desk.portal.settings.timezone)
        yield voice.say(N_("first received {time}"), time=first.isoformat(sep=" ", timespec="minutes"))


def _item(voice: _Voice, item: ItemShown) -> Iterator[str]:
    state = voice.door.say(ITEM_STATES[item.state])
    yield f"== {clean(item.id)} [{state}] {voice.words(item.kind)} {clean(item.title)}"
    yield f"   {path_text(item.path)}"
    for field in item.fields:
        yield from _field(voice, field, item.state == "new")
    if item.body:
        yield "  " + voice.say(N_("Text:"))
        yield from _diff(item.body)
    if item.raw:
        yield "  " + voice.say(N_("Only the way the file is written changes:"))
        yield from _diff(item.raw)
    if item.files:
        yield "  " + voice.say(N_("Attachments:"))
        for file in item.files:
            yield from _file(voice, file)
    for due in item.dues:
        yield "  " + clean(voice.door.say(_due(due)))


def _field(voice: _Voice, field: FieldShown, fresh: bool) -> Iterator[str]:
    head = f"  {voice.words(field.title)} ({clean(field.name)}): "
    if max(len(field.old), len(field.new)) > 1:
        yield head.rstrip()
        yield from _diff(field.lines)
    elif fresh:
        yield head + clean("".join(field.new))
    else:
        empty = voice.say(N_("(nothing)"))
        yield f"{head}{clean(''.join(field.old)) or empty} → {clean(''.join(field.new)) or empty}"


def _diff(lines: Iterable[DiffLine]) -> Iterator[str]:
    for line in lines:
        yield f"    {line.sign} {_marked(line)}".rstrip()


def _marked(line: DiffLine) -> str:
    """The line with its changed letters in brackets; a line that changed as a whole needs none."""
    if line.sign == "@":
        return f"… {line.text}"
    opening, closing = ("[-", "-]") if line.sign == "-" else ("{+", "+}")
    if not any(changed for changed, _ in line.parts):
        return clean(line.text)
    return "".join(f"{opening}{clean(t)}{closing}" if changed else clean(t) for changed, t in line.parts)


def _file(voice: _Voice, file: FileShown) -> Iterator[str]:
    head = f"    {voice.door.say(FILE_STATES[file.state])} {path_text(file.path)}"
    if file.state != "added":
        yield f"{head}  {file.old_size} B sha256 {file.old_sha256}"
    if file.state != "removed":
        arrow = "      → " if file.state == "changed" else f"{head}  "
        yield f"{arrow}{file.size} B sha256 {file.sha256}"
    yield from _diff(file.lines)


def _due(due: DueShown) -> Message:
    what, day = stage_name(due.stage), due.due.due.isoformat()
    if due.met and due.late:
        return msg("{what} was due {due} and came {days} days late", what=what, due=day, days=-due.days)
    if due.met:
        return msg("{what} was due {due} and came in time", what=what, due=day)
    return _due_words(what, due.due, due.days, due.late)


def _findings(voice: _Voice, shown: Shown) -> Iterator[str]:
    if not shown.commit:
        return
    sheet = Sheet(Report.of(shown.findings), voice.door.say, {})
    errors = sum(f.severity.value == "error" for f in shown.findings)
    yield voice.say(
        N_("check: {errors} errors, {warnings} warnings"),
        errors=errors, warnings=len(shown.findings) - errors,
    )  # fmt: skip
    for line in FORMATS["text"](sheet).splitlines():
        yield f"  {clean(line.strip())}" if not line.startswith(" ") else f"    {clean(line.strip())}"


def _standing(voice: _Voice, desk: Desk, shown: Shown) -> Iterator[str]:
    for given in shown.approvals:
        yield clean(voice.door.say(_approval(desk, given)))
    for words in desk.who_can(shown.waiting):
        yield voice.say(N_("waiting: {words}"), words=words)
    for words in shown.against:
        yield "! " + clean(voice.door.say(words))


def _approval(desk: Desk, given: ApprovalShown) -> Message:
    approval = given.approval
    when = approval.time.astimezone(desk.portal.settings.timezone).isoformat(sep=" ", timespec="minutes")
    row = desk.policy.review.get("steps", {}).get(approval.step, {})
    title = row.get("title") if isinstance(row, dict) else None
    step = (
        Words(str(title["zh"]), str(title.get("en", ""))) if isinstance(title, dict) else Words(approval.step)
    )
    holes: dict[str, Hole] = {"person": desk.person(approval.person), "step": step, "time": when}
    if given.counts:
        return Message(N_("approved: {step}, {person}, {time}"), holes)
    return Message(N_("approved, but it does not count now: {step}, {person}, {time}"), holes)


def submission_words(outcome: Outcome) -> Message:
    """How the submission stands after the act."""
    submission = outcome.submission
    if outcome.kind == "confirmation":
        return msg("{number}: your second review is recorded", number=submission.number)
    if outcome.kind == "objection":
        return msg("{number}: your refusal is recorded; its items must now be withdrawn or mended", number=submission.number)  # fmt: skip
    if submission.state == "accepted":
        return msg(
            "{number} is accepted; it stands at these addresses once the portal is published",
            number=submission.number,
        )
    if submission.state == "returned":
        return msg(
            "{number} is returned; its officer sees the reasons in `gongkai status`", number=submission.number
        )
    return msg("{number}: your approval is recorded; others are still needed", number=submission.number)


def _department(desk: Desk, submission: Submission) -> Words:
    known = desk.portal.settings.departments.get(submission.department)
    return known.title if known else Words(submission.department, submission.department)


def _time(desk: Desk, submission: Submission) -> str:
    received = submission.last.received.astimezone(desk.portal.settings.timezone)
    return received.isoformat(sep=" ", timespec="minutes")


def _joined(names: list[Words]) -> Words:
    return Words("、".join(n.zh for n in names), ", ".join(n.in_language("en") for n in names))
