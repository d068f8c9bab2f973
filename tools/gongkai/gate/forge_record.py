"""After the merge: the events of a pull request, appended to a ledger on a protected branch of the forge.

First the forge's commit on main is judged as the pull request was (nothing is believed of the merge itself): one parent,
the tree that the approved blobs give, the ruling still yes. Then received, approved and accepted are written, in one
push that is never forced. Whoever runs this needs the right to write the ledger's branch, and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gongkai.checks.run import run as check
from gongkai.evidence.acts import Approval
from gongkai.evidence.ledger import Event, append, read
from gongkai.evidence.state import replay
from gongkai.gate.decide import short_level
from gongkai.gate.forge_accounts import FORGES
from gongkai.gate.forge_bench import READERS, Records, grade_of, open_ledger
from gongkai.gate.forge_gate import Verdict, rule_request
from gongkai.gate.forge_signed import Signed
from gongkai.gate.receive import shared_keys
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.evidence import Statement
from gongkai.model.finding import Severity
from gongkai.model.message import Message, msg
from gongkai.store.objects import Objects
from gongkai.store.process import run

AFTER = msg("nothing was recorded; publish nothing from this main until it is cleared up")


@dataclass(frozen=True)
class Recorded:
    """What was appended: the submission's number, the ledger's new head, the events, the lowest grade of approval."""

    number: str
    ledger: str
    events: tuple[Event, ...]
    grade: str


@dataclass
class _Chain:
    """Events under way: objects only, no ref has moved yet."""

    objects: Objects
    last: Event | None
    now: datetime
    added: list[Event] = field(default_factory=list)

    def add(self, kind: str, data: Mapping[str, Any]) -> Event:
        """Append one event."""
        self.last = append(self.objects, self.last, kind, data, self.now)
        self.added.append(self.last)
        return self.last


def start(folder: Path, at: str, forge: str, ledger: str, now: datetime, push: str = "") -> Event:
    """Begin a ledger at a commit of main: its content and policy become genesis. Refused when they cannot be one."""
    gate = Gate(folder)
    commit = gate.objects.repository.resolve(at)
    if gate.objects.ref(ledger):
        raise GongkaiError(
            msg("{ref} is there already", ref=ledger),
            msg("a ledger begins once; `gongkai audit --ledger` looks at it"),
        )
    gate.state = replace(gate.state, main=commit)
    policy = gate.policy(now)
    administrators = sorted(policy.administrators(now))
    findings = check(gate.portal(commit, now)).at_least(Severity.ERROR)
    listing = gate.objects.listing(commit)
    reasons = [
        *(msg("{path} is not a plain file (mode {mode}); links, programs and submodules are refused",
              path=p, mode=e.mode) for p, e in listing.items() if e.mode != "100644"),
        *shared_keys(policy),
    ]  # fmt: skip
    if len(administrators) < 2:
        reasons.append(msg("the portal names fewer than two administrators in people.yml"))
    if reasons or findings:
        raise Refused(reasons, findings, msg("mend site_config/ and content/ first; nothing was written"))
    items = sum(path.startswith("content/") and path.count("/") == 3 for path in listing)
    data = {
        "main": commit, "tree": _tree(gate.objects, commit), "administrators": administrators, "items": items, "forge": forge,
    }  # fmt: skip
    event = append(gate.objects, None, "genesis", data, now)
    _move(gate, ledger, event.id, "", push)
    return event


def pending(folder: Path, ledger: str, tip: str) -> Iterator[str]:
    """The commits of main that the ledger does not name yet, oldest first."""
    gate = Gate(folder)
    state = _opened(gate, ledger)
    commit = gate.objects.repository.resolve(tip)
    if commit != state:
        yield from gate.objects.chain(commit, state)


def record(
    folder: Path, merged: str, records: Records, now: datetime, *, ledger: str, head: str = "", push: str = ""
) -> Recorded | None:
    """Append the events of the pull request that main's commit `merged` came from; None when they are there already.

    `head` is needed only without the pull request's own record. Refused when the merge is not what the ruling allows.
    """
    gate = Gate(folder)
    known = _opened(gate, ledger)
    commit = gate.objects.repository.resolve(merged)
    events = read(gate.objects, gate.objects.ref(ledger))
    if any(e.data.get("main") == commit for e in events):
        return None
    base = _only_parent(gate.objects, commit)
    if base != known:
        raise Refused(
            [msg("the ledger knows main up to {known}; {commit} stands on {base}",
                 known=known[:12], commit=commit[:12], base=base[:12])],
            hint=msg("record main's commits in their order; `gongkai gate pending` lists them"),
        )  # fmt: skip
    asked = READERS[records.forge].asked(records.request) if records.request is not None else None
    verdict = rule_request(folder, base, head or (asked.head if asked else ""), records, now, ledger=ledger)
    _refuse(gate.objects, verdict, commit, asked.merged if asked else "")
    chain = _Chain(gate.objects, gate.state.last, now)
    _write(chain, verdict, commit, records.forge)
    tip = chain.added[-1].id
    _move(gate, ledger, tip, events[-1].id, push)
    return Recorded(verdict.submission.number, tip, tuple(chain.added), verdict.grade)


def _opened(gate: Gate, ledger: str) -> str:
    """Main as the ledger at this ref names it; GongkaiError when there is none."""
    if not open_ledger(gate, ledger) or gate.state.last is None:
        raise GongkaiError(
            msg("there is no ledger at {ref}", ref=ledger),
            msg("begin one with `gongkai gate start`, or fetch it"),
        )
    return gate.state.main


def _only_parent(objects: Objects, commit: str) -> str:
    parents = objects.git("rev-list", "--parents", "-n", "1", commit).decode().split()[1:]
    if len(parents) != 1:
        raise Refused(
            [msg("{commit} on main has {count} parents, not one", commit=commit[:12], count=len(parents))],
            hint=msg(
                "let the forge squash when it merges; a merge commit brings in commits that nobody reviewed"
            ),
        )
    return parents[0]


def _tree(objects: Objects, commit: str) -> str:
    return objects.git("rev-parse", "--verify", f"{commit}^{{tree}}").decode().strip()


def _refuse(objects: Objects, verdict: Verdict, commit: str, merged: str) -> None:
    """Every reason why this commit on main is not what was approved."""
    errors = [f for f in verdict.findings if f.severity is Severity.ERROR]
    reasons = list(verdict.ruling.reasons)
    reasons += [msg("the step {step} waits for somebody", step=step.code) for step in verdict.ruling.waiting]
    if merged not in ("", commit):
        reasons.append(
            msg(
                "the pull request was merged as {merged}, not as {commit}",
                merged=merged[:12],
                commit=commit[:12],
            )
        )
    if verdict.tree and verdict.tree != _tree(objects, commit):
        reasons.append(
            msg("{path} on main is not what was approved", path=_stray(objects, verdict.tree, commit))
        )
    if reasons:
        raise Refused(reasons, errors, AFTER)


def _stray(objects: Objects, wanted: str, commit: str) -> str:
    """The first path on which the forge's merge and the approved result differ."""
    one, other = objects.listing(wanted), objects.listing(commit)
    return next((p for p in sorted(one.keys() | other.keys()) if one.get(p) != other.get(p)), "/")


def _write(chain: _Chain, verdict: Verdict, commit: str, forge: str) -> None:
    """Received, approved, accepted: as a server writes them, with the forge's time where they rest on the forge's word."""
    submission, version, change = verdict.submission, verdict.submission.last, verdict.change
    by_account = version.key.partition(":")[0] in FORGES
    chain.add("received", {
        "submission": submission.number, "department": submission.department, "branch": submission.branch,
        "tip": verdict.head, "base": verdict.base, "change": [[p.path, p.old, p.new, p.sha256] for p in change.paths],
        "items": list(change.items), "person": version.person, "hands": sorted(verdict.hands),
        "warnings": sum(f.severity is Severity.WARNING for f in verdict.findings), "key": version.key,
        **(_by_account(forge, version.received) if by_account else _by_key(verdict.papers.of("submission")[0])),
    })  # fmt: skip
    approved = [
        chain.add("approved", _approval(verdict, a, forge)).number for a in verdict.submission.approvals
    ]
    chain.add("accepted", {
        "submission": submission.number, "version": 1, "main": commit, "tree": verdict.tree, "previous": verdict.base,
        "change": change.digest, "items": list(change.items), "approvals": approved, "grade": verdict.grade,
        **short_level(submission, verdict.kinds, verdict.policy, chain.now),
    })  # fmt: skip


def _approval(verdict: Verdict, approval: Approval, forge: str) -> dict[str, Any]:
    data = {
        "submission": verdict.submission.number, "version": 1, "change": approval.change, "person": approval.person,
        "step": approval.step, "policy": approval.policy, "reasons": dict(approval.reasons), "key": approval.key,
    }  # fmt: skip
    if grade_of(approval) == "forge":
        return {**data, **_by_account(forge, approval.time), "grade": "forge", "commit": verdict.head}
    signed = next(s for s in verdict.papers.of("approval") if s.statement.person == approval.person)
    return {**data, **_by_key(signed)}


def _by_account(forge: str, time: datetime) -> dict[str, Any]:
    return {"identity": "forge", "forge": forge, "at": time.isoformat()}


def _by_key(signed: Signed) -> dict[str, Any]:
    return {"identity": "signature", "statement": signed.raw, "signature": signed.signature}


def _move(gate: Gate, ledger: str, new: str, old: str, push: str) -> None:
    """Move the ledger: at the remote first when there is one (never forced), then here."""
    if push:
        done = run(["git", "push", "--quiet", push, f"{new}:{ledger}"], cwd=gate.folder, timeout=600)
        if done.code:
            raise GongkaiError(
                msg(
                    "the ledger could not be pushed: {reason}",
                    reason=done.err.decode("utf-8", "replace").strip(),
                ),
                msg("fetch it again and record anew; nothing was recorded here or there"),
                Exit.BROKEN,
            )
    if not gate.objects.move(ledger, new, old):
        raise GongkaiError(
            msg("the ledger moved in the meantime; nothing was recorded"),
            msg("fetch it again and record anew; nothing was recorded here or there"),
            Exit.BROKEN,
        )
    gate.state = replay(read(gate.objects, new))


def statement_on(
    folder: Path, base: str, head: str, records: Records, now: datetime, kind: str, person: str, step: str,
    reason: str, ledger: str = "",
) -> Statement:  # fmt: skip
    """What `person` signs about a pull request: an approval of a step, a return with its reason, a submission.

    GongkaiError without a ledger: its genesis is the name of the repository that a signature is bound to.
    """
    gate = Gate(folder)
    open_ledger(gate, ledger)
    if not gate.state.genesis:
        raise GongkaiError(
            msg("there is no ledger at {ref}", ref=ledger or "refs/heads/gongkai-ledger"),
            msg("begin one with `gongkai gate start`, or fetch it"),
        )
    verdict = rule_request(folder, base, head, records, now, ledger=ledger, approvals=False)
    _refuse_bad_step(verdict, kind, step, reason)
    bearing = verdict.policy.bearing(verdict.steps, (k for k, _ in verdict.kinds))
    number = "" if kind == "submission" else verdict.submission.number
    reasons = dict.fromkeys(verdict.change.items or ("-",), reason) if reason else {}
    version = 0 if kind == "submission" else 1
    return Statement(
        kind, gate.state.genesis, number, version, verdict.change.digest, person, now.isoformat(),
        bearing if kind == "approval" else "", step if kind == "approval" else "", reasons,
    )  # fmt: skip


def _refuse_bad_step(verdict: Verdict, kind: str, step: str, reason: str) -> None:
    known = [s.code for s in verdict.steps]
    wrong: Message | None = None
    if not verdict.change.paths:
        raise Refused(verdict.ruling.reasons)
    if kind == "approval" and step not in known:
        wrong = msg(
            "the change needs no step {step}; it needs {steps}", step=step or "-", steps=", ".join(known)
        )
    if kind == "return" and not reason.strip():
        wrong = msg("a return needs a reason")
    if wrong is not None:
        raise GongkaiError(wrong, msg("name it with --step, or give --reason; nothing was signed"))
