"""Handing in from an officer's clone: check first, sign, push, and a receipt that comes from the ledger or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from gongkai.evidence.policy import Policy
from gongkai.evidence.state import Submission
from gongkai.gate.change import change_between, deletions, foreign
from gongkai.gate.client import Clone, fetch_all, push_branch, push_statement, remember
from gongkai.gate.drafting import Draft, Plan, Wanted, plan, sort
from gongkai.gate.judging import Result, judge
from gongkai.gate.names import REVIEW, path_faults
from gongkai.gate.receive import Receipt, key_faults, policy_faults, receipt_of
from gongkai.gate.refusal import Refused
from gongkai.gate.renumber import renumber
from gongkai.gate.setup import is_registered, public_key
from gongkai.gate.working import NOTHING, Copy, key_of, read_copy
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.evidence import Change, Statement
from gongkai.model.finding import Finding
from gongkai.model.message import Message, msg


@dataclass(frozen=True)
class Wish:
    """What the officer asked for: the branch's name and a word about it (empty: made from the items), which submission."""

    name: str = ""
    message: str = ""
    submission: str = ""


@dataclass(frozen=True)
class Ready:
    """A draft that passed the check: its commit, its exact change, where it goes, what the check says of it."""

    draft: Draft
    commit: str
    change: Change
    branch: str
    result: Result


@dataclass(frozen=True)
class Sent:
    """A receipt as the ledger gives it, the submission, and what the check warns of; `again`: it lay there already."""

    receipt: Receipt
    submission: Submission
    findings: tuple[Finding, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Prepared:
    """All that `submit` would do: which items got another number, what is ready to go, what lies with the server."""

    renamed: dict[str, str]
    ready: tuple[Ready, ...]
    plan: Plan
    warned: tuple[Message, ...] = ()
    zone: tzinfo | None = None


def prepare(clone: Clone, wanted: Wanted, wish: Wish, now: datetime) -> Prepared:
    """Everything that can be said before anything is sent. Refused with every reason when something stands against it.

    Working files are changed only when an item must take another number.
    """
    chosen = _chosen(clone, wish.submission)
    copy = read_copy(clone)
    sorting = sort(clone, copy, wanted, chosen)
    renamed = renumber(sorting) if sorting.clashes else {}
    if renamed:
        wanted = _following(wanted, renamed)
        copy = read_copy(clone)
        sorting = sort(clone, copy, wanted, chosen)
    policy = clone.gate.policy(now)
    person = policy.people.get(clone.me().person)
    made = plan(sorting, wanted, person.department if person else "")
    ready = tuple(_ready(clone, copy, draft, wish, policy, now) for draft in made.drafts)
    again = (msg("submission {number} gets a new version: approvals given so far no longer count", number=d.known.number)
             for d in made.drafts if d.known and d.known.state == "waiting" and _approved(d.known))  # fmt: skip
    return Prepared(renamed, ready, made, tuple(again), policy.zone)


def _approved(submission: Submission) -> bool:
    return any(a.version == submission.last.number for a in submission.approvals)


def send(clone: Clone, prepared: Prepared, now: datetime) -> Iterator[Sent]:
    """Push what is ready, one after another, each with its receipt from the ledger."""
    for known in prepared.plan.already:
        _remember(clone, known)
        yield Sent(receipt_of(known, judge(clone.gate, known.last.change, now)), known, again=True)
    for ready in prepared.ready:
        yield _send(clone, ready, now)


def _send(clone: Clone, ready: Ready, now: datetime) -> Sent:
    person, genesis = clone.me().person, clone.gate.state.genesis
    statement = Statement("submission", genesis, "", 0, ready.change.digest, person, now.isoformat())
    push_branch(clone, ready.commit, ready.branch, statement)
    fetch_all(clone.folder)
    clone.gate.refresh()
    submission = _recorded(clone, ready)
    if submission is None:
        raise GongkaiError(
            msg("NOT SUBMITTED: the server's ledger holds no receipt for it"),
            msg(
                "run `gongkai submit` again; if it stays so, call the administrator and say what is written here"
            ),
            Exit.BROKEN,
        )
    _remember(clone, submission)
    portal = replace(ready.result.portal, facts=clone.gate.state.facts)
    receipt = receipt_of(submission, replace(ready.result, portal=portal))
    return Sent(receipt, submission, ready.result.findings)


def _recorded(clone: Clone, ready: Ready) -> Submission | None:
    """The submission as the ledger knows it; it may even be decided by now."""
    found = (
        s
        for s in clone.gate.state.submissions.values()
        if s.branch == ready.branch
        and s.last.change.digest == ready.change.digest
        and s.last.person == clone.me().person
    )
    return max(found, key=lambda s: s.last.received, default=None)


def _remember(clone: Clone, submission: Submission) -> None:
    """Which submission an item went out with from here: so that a correction finds it, and no clash is seen where none is."""
    for ident in submission.last.change.items:
        remember(clone.folder, f"gongkai.{ident}.submission", submission.number)


def _chosen(clone: Clone, number: str) -> Submission | None:
    if not number:
        return None
    return open_submission(clone, number)


def open_submission(clone: Clone, number: str) -> Submission:
    """The undecided submission of this number; GongkaiError (exit 2) when there is none."""
    found = clone.gate.state.submissions.get(number)
    if found is None:
        raise GongkaiError(
            msg("there is no submission {number}", number=number),
            msg("`gongkai status` lists the submissions of your department"),
        )
    if found.state not in ("waiting", "returned"):
        raise Refused(
            [msg("submission {number} is no longer waiting ({state})", number=number, state=found.state)],
            hint=msg("`gongkai status` lists the submissions of your department"),
        )
    return found


def _following(wanted: Wanted, renamed: dict[str, str]) -> Wanted:
    """What was asked for by its old number is asked for by its new one too."""
    back = {new: old for old, new in renamed.items()}

    def asked(path: str) -> bool:
        ident = key_of(path).rpartition("/")[2]
        return wanted(path) or (ident in back and wanted(path.replace(ident, back[ident])))

    return asked


def _ready(clone: Clone, copy: Copy, draft: Draft, wish: Wish, policy: Policy, now: datetime) -> Ready:
    _plain(copy, draft)
    objects, main = clone.gate.objects, clone.gate.state.main
    tree = objects.overlay(main, draft.changes)
    commit = _commit(clone, tree, wish.message or " ".join(draft.ids) or "settings")
    change, faults = change_between(objects, main, commit)
    reasons = [
        *faults,
        *foreign(change, draft.department),
        *deletions(change),
        *_person(clone, draft, change, policy, now),
    ]
    if reasons:
        raise Refused(reasons)
    _mended(clone, change)
    result = judge(clone.gate, change, now)
    against = [*policy_faults(change, result, now), *key_faults(clone.gate, change, result)]
    if result.errors:
        against.append(msg("the check finds {count} errors", count=len(result.errors)))
    if against:
        raise Refused(against, result.errors)
    return Ready(draft, commit, change, _branch(clone, draft, wish.name), result)


def _mended(clone: Clone, change: Change) -> None:
    """What was returned is not handed in again as it was; which items are meant is said by name."""
    returned = clone.gate.state.returned_changes
    if change.returned_in(returned):
        same = [i for i in change.items if change.content_of(i) in returned] or [""]
        raise Refused(
            [msg("{item} was returned with exactly this content", item=i) for i in same if i]
            or [msg("exactly this content was returned before")],
            hint=msg("`gongkai status` shows the reasons; mend it and submit again"),
        )


def _plain(copy: Copy, draft: Draft) -> None:
    """Links and submodules are refused before git would store them as files."""
    entries = {p: copy.here.get(p, NOTHING) for p in draft.changes}
    odd = {p: e for p, e in entries.items() if e.mode not in ("", "100644")}
    if odd:
        raise Refused(path_faults(odd, ()))


def _person(clone: Clone, draft: Draft, change: Change, policy: Policy, now: datetime) -> Iterator[Message]:
    me = clone.me().person
    if change.is_policy:
        if me not in policy.administrators(now):
            yield msg("{person} is no administrator and cannot change settings", person=me)
    elif me not in policy.officers(draft.department, now):
        yield msg("{person} is no officer of {department}", person=me, department=draft.department)
    if not is_registered(public_key(clone.me().key), policy, me, now):
        yield msg("the server does not know your key; `gongkai setup .` shows what an administrator must add")


def _commit(clone: Clone, tree: str, message: str) -> str:
    """One commit on main; its author is a claim and decides nothing."""
    who = clone.me().person
    env = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER")
           for part, value in (("NAME", who), ("EMAIL", f"{who}@gongkai.invalid"))}  # fmt: skip
    args = ("commit-tree", tree, "-p", clone.gate.state.main)
    return clone.gate.objects.git(*args, stdin=message.encode(), env=env).decode().strip()


def _branch(clone: Clone, draft: Draft, name: str) -> str:
    """Where the submission goes: its branch if it has one, else the name asked for, else the first item's id."""
    if draft.known is not None:
        return draft.known.branch
    wanted = name or (draft.ids[0].lower() if draft.ids else "settings")
    branch = f"refs/heads/review/{draft.department}/{wanted}"
    if not REVIEW.match(branch) or branch.endswith((".lock", ".")) or ".." in branch:
        raise GongkaiError(
            msg("{name} cannot be the name of a submission", name=wanted),
            msg("use small letters, digits, - and _, like weekly-report"),
        )
    holder = clone.gate.state.open_for(branch)
    if holder is None:
        return branch
    if name:
        raise Refused(
            [msg("the name {name} belongs to the open submission {number}", name=name, number=holder.number)],
            hint=msg("choose another name, or leave --name away"),
        )
    return next(b for b in (f"{branch}-{i}" for i in range(2, 1000)) if clone.gate.state.open_for(b) is None)


def cancel(clone: Clone, number: str, now: datetime) -> Submission:
    """Take an undecided submission back; returns it as the ledger has it afterwards. Refused when the server says no."""
    known = open_submission(clone, number)
    statement = Statement(
        "cancel", clone.gate.state.genesis, number, known.last.number, known.last.change.digest, clone.me().person,
        now.isoformat(),
    )  # fmt: skip
    push_statement(clone, statement)
    fetch_all(clone.folder)
    found = clone.gate.refresh().submissions[number]
    if found.state != "cancelled":
        raise GongkaiError(
            msg("NOT CANCELLED: the server's ledger does not say so"),
            msg("run the command again; if it stays so, call the administrator"),
            Exit.BROKEN,
        )
    return found
