"""One event after another, judged again by what stood before it: signatures, rights, rulings, trees, numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from gongkai.evidence.ledger import Event
from gongkai.evidence.policy import Policy
from gongkai.evidence.ruling import rule_on
from gongkai.evidence.state import State, Submission, replay
from gongkai.evidence.statement import signed_by, unpack
from gongkai.gate.change import deletions, foreign, items_of, removal_faults
from gongkai.gate.decide import owners, short_level
from gongkai.gate.history import Unsound
from gongkai.gate.judging import Result
from gongkai.gate.moments import Moments, paths_of
from gongkai.gate.publication import serial_of
from gongkai.gate.receive import gainers, policy_faults
from gongkai.gate.rejudged import (
    OTHER_SIGNED,
    jump,
    lapse_faults,
    signed_faults,
    withdrawal_faults,
    withdrawal_of,
)
from gongkai.model.evidence import Change, PathChange, Statement, canonical
from gongkai.model.message import Message, msg
from gongkai.store.clock import parse
from gongkai.store.proven import FILE, NotProven, Proven

AHEAD = timedelta(days=1)
"""So far a signer's clock may run ahead of the server's before it is worth a remark."""
SIGNED = {"approved": "approval", "returned": "return", "cancelled": "cancel"}


class Reverifier:
    """Takes events in their order. `state` is what they add up to; `remarks` are things worth knowing that break nothing."""

    def __init__(self, proven: Proven) -> None:
        self.proven = proven
        self.moments = Moments(proven)
        self.state = State()
        self.remarks: list[Message] = []
        self.vouched = 0
        self.numbers: dict[str, str] = {}
        self.serials: dict[str, int] = {}
        self.statements: set[str] = set()
        self.holders: dict[str, str] = {}

    KNOWS: ClassVar[tuple[str, ...]] = ("remarks", "vouched", "numbers", "serials", "statements", "holders")
    """What an auditor knows of the events it judged, beside their state."""

    @property
    def memory(self) -> dict[str, Any]:
        """All that it knows by now beside the state: JSON's types, sets and messages."""
        return {name: getattr(self, name) for name in self.KNOWS}

    def go_on(self, state: State, memory: Mapping[str, Any]) -> None:
        """Begin where another auditor of this kind stood; KeyError, TypeError or ValueError when that was no such one."""
        for name in self.KNOWS:
            setattr(self, name, type(getattr(self, name))(memory[name]))
        self.state = state

    def take(self, event: Event, *, deep: bool = True) -> None:
        """Judge an event and fold it in; `deep` off only folds. Unsound names what does not hold, and the event."""
        try:
            # Releases are judged always: whether a number was given before depends on all of them.
            if deep or event.kind == "published":
                self._judge(event)
            self._once(event)
            self.state = replay([event], self.state)
            self._keys(event, deep)
        except Unsound as unsound:
            raise Unsound(unsound.says, event.number, event.id, event.kind) from unsound
        except NotProven as error:
            raise Unsound(error.says, event.number, event.id, event.kind) from error
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Unsound(
                msg("the event does not say what such an event must say"), event.number, event.id, event.kind
            ) from error

    def _judge(self, event: Event) -> None:
        judges: dict[str, Callable[[Event], None]] = {
            "genesis": self._genesis, "received": self._received, "accepted": self._accepted,
            "published": self._published, "lapsed": self._lapsed, "withdrawn": self._withdrawn,
            "rolled_back": self._rolled_back,
            **dict.fromkeys(SIGNED, self._signed), **dict.fromkeys(OTHER_SIGNED, self._other),
        }  # fmt: skip
        leap = jump(event, self.state, self._policy(event)) if event.number else None
        if leap is not None:
            raise Unsound(leap)
        judge = judges.get(event.kind)
        if judge is None:
            self.remarks.append(
                msg(
                    "event {number} is of the unknown kind {kind}: a newer Gongkai may have written it",
                    number=event.number,
                    kind=event.kind,
                )
            )
        else:
            judge(event)

    def _once(self, event: Event) -> None:
        """A signed statement counts once: what was cancelled is not handed in again by whoever kept a copy."""
        statement = event.data.get("statement", "")
        if statement:
            digest = _sha256(statement.encode())
            need(digest not in self.statements, msg("the same signed statement was used before"))
            self.statements.add(digest)

    def _keys(self, event: Event, judged: bool) -> None:
        """A key belongs to one person for ever, whatever later settings say."""
        if event.kind not in ("genesis", "accepted"):  # a withdrawal by the gate changes no settings
            return
        for key, people in self.moments.policy(self.state.main_tree, event.time).holders().items():
            for person in people:
                other = self.holders.setdefault(key, person)
                need(not judged or other == person,
                      msg("{person} would get a key that was {other}'s", person=person, other=other))  # fmt: skip

    def _policy(self, event: Event) -> Policy:
        """The policy of the main that stood before the event, without the keys that were void by then."""
        return self.moments.policy(self.state.main_tree, event.time).without(self.state.revoked)

    def _genesis(self, event: Event) -> None:
        commit = self.proven.commit(event.data["main"])
        need(commit.tree == event.data["tree"], msg("the commit has another tree than the event says"))
        need(not commit.parents, msg("genesis stands on another commit"))
        for path, mode, _ in self.proven.files(commit.tree):
            need(mode == FILE, msg("{path} is not a plain file", path=path))
        administrators = self.moments.policy(commit.tree, event.time).administrators(event.time)
        need(
            sorted(administrators) == event.data["administrators"] and len(administrators) > 1,
            msg("genesis names other administrators than its own people.yml, or fewer than two"),
        )

    def _received(self, event: Event) -> None:
        data = event.data
        rows = tuple(PathChange(*row) for row in data["change"])
        change = Change(rows, tuple(data["items"]))
        need(
            bool(rows)
            and list(rows) == sorted(rows)
            and change.items == items_of([p.path for p in rows])
            and len({p.path for p in rows}) == len(rows),
            msg("the change it names is not in its canonical form"),
        )
        known = self.state.submissions.get(data["submission"])
        if known is not None:
            same = (known.department, known.branch) == (data["department"], data["branch"])
            need(same and known.state in ("waiting", "returned"), _decided(known))
        need(data["identity"] not in ("server", "signature") or data["base"] == self.state.main,
              msg("it names another main than the one that stood then"))  # fmt: skip
        policy = self._policy(event)
        self._handed_in(event, change, policy)
        for fault in (*foreign(change, data["department"]), *deletions(change)):
            raise Unsound(fault)

    def _handed_in(self, event: Event, change: Change, policy: Policy) -> None:
        """Who handed it in, by signature or by the server's word, and whether they could."""
        data, person = event.data, event.data["person"]
        allowed = (
            policy.administrators(event.time)
            if change.is_policy
            else policy.officers(data["department"], event.time)
        )
        need(
            person in allowed,
            msg("{person} is no officer of {department}", person=person, department=data["department"]),
        )
        if data["identity"] == "server":
            self.vouched += 1
            return
        statement = self._statement(event, policy)
        need(
            (statement.kind, statement.change) == ("submission", change.digest),
            msg("the signed statement says something else than the event"),
        )

    def _signed(self, event: Event) -> None:
        data = event.data
        submission = self.state.submissions.get(data["submission"])
        if submission is None:
            raise Unsound(msg("there is no submission {number}", number=data["submission"]))
        policy = self._policy(event)
        statement = self._statement(event, policy)
        said = (statement.kind, statement.submission, statement.version, statement.change, statement.step)
        held = (SIGNED[event.kind], data["submission"], data["version"], data["change"], data["step"])
        more = (statement.policy, dict(statement.reasons)) == (data["policy"], data["reasons"])
        need(said == held and more, msg("the signed statement says something else than the event"))
        states = ("waiting",) if event.kind == "approved" else ("waiting", "returned")
        need(submission.state in states, _decided(submission))
        last = (submission.last.number, submission.last.change.digest)
        need((statement.version, statement.change) == last, msg("it is about another version than the last"))
        if event.kind == "returned":
            need(statement.person not in submission.people,
                  msg("{person} handed in the submission and cannot return it", person=statement.person))  # fmt: skip
        if event.kind == "cancelled":
            need(statement.person in owners(submission, policy, event.time),
                  msg("only its officers can cancel submission {number}", number=submission.number))  # fmt: skip

    def _other(self, event: Event) -> None:
        """A second review, a revocation, an accepted clock."""
        policy = self._policy(event)
        statement = self._statement(event, policy)
        for fault in signed_faults(event, statement, self.state, policy):
            raise Unsound(fault)
        if event.kind == "clock":
            self.remarks.append(
                msg(
                    "event {number}: the clock jumped to {time}; {person} vouched for it",
                    number=event.number, time=event.time, person=statement.person,
                )
            )  # fmt: skip

    def _lapsed(self, event: Event) -> None:
        for fault in lapse_faults(event, self.state, self._policy(event)):
            raise Unsound(fault)

    def _withdrawn(self, event: Event) -> None:
        """The gate's own act: allowed by the rules of that day, and nothing on main moved but the withdrawal."""
        self._lapsed(event)
        owed = self.state.owed[event.data["submission"]]
        for fault in withdrawal_faults(event, owed, self.proven):
            raise Unsound(fault)
        self._lay(event, withdrawal_of(event))

    def _statement(self, event: Event, policy: Policy) -> Statement:
        """The statement an event carries, its signature verified with the keys and at the time of that moment."""
        data = event.data
        unpacked = unpack(canonical({"statement": data["statement"], "signature": data["signature"]}))
        if unpacked is None:
            raise Unsound(msg("the signed statement cannot be read"))
        statement, raw, signature = unpacked
        need(
            (statement.person, statement.repository) == (data["person"], self.state.genesis),
            msg("the signed statement says something else than the event"),
        )
        key = signed_by(statement, raw, signature, policy, event.time)
        need(
            bool(key) and key == data["key"],
            msg(
                "the signature is not that of {person}, or the key was not valid on {day}",
                person=statement.person,
                day=policy.day(event.time),
            ),
        )
        self._look_at_clock(event, statement)
        return statement

    def _look_at_clock(self, event: Event, statement: Statement) -> None:
        """A statement dated long after it was recorded: a signer's clock runs ahead, or the record was dated back."""
        signed = parse(statement.time)
        if signed > event.time + AHEAD:
            self.remarks.append(
                msg(
                    "event {number} is dated {time}, but {person} signed on {signed}: ask whose clock was wrong",
                    number=event.number,
                    time=event.time,
                    person=statement.person,
                    signed=signed,
                )
            )

    def _accepted(self, event: Event) -> None:
        data, before = event.data, self.state
        submission = before.submissions[data["submission"]]
        version, change = submission.last, submission.last.change
        need(submission.state == "waiting", _decided(submission))
        same = (data["version"], data["change"]) == (version.number, change.digest)
        need(same and tuple(data["items"]) == change.items, msg("it accepts another version than the last"))
        counted = [a.event for a in submission.approvals if a.version == version.number]
        need(
            data["approvals"] == counted,
            msg("it names other approvals than the ledger holds for this version"),
        )
        self._lay(event, change)
        for says in removal_faults(change.paths, lambda blob: self.proven.read(blob, "blob")):
            raise Unsound(says)
        self._rule(event, submission)

    def _lay(self, event: Event, change: Change) -> None:
        """The tree is exactly the approved blobs on the main before, and every blob is what was approved."""
        data, before = event.data, self.state.main_tree
        need(data["previous"] == self.state.main, msg("it does not follow the acceptance before it"))
        for row in change.paths:
            there = self.proven.at(before, row.path)[1]
            need(there == row.old, msg("{path} was changed on main in the meantime", path=row.path))
            if row.new:
                need(_sha256(self.proven.read(row.new, "blob")) == row.sha256,
                      msg("{path} does not hold what was approved (SHA-256 differs)", path=row.path))  # fmt: skip
        commit = self.proven.commit(data["main"])
        need(
            commit.parents == (data["previous"],),
            msg("the commit {commit} does not stand on the main before it alone", commit=commit.id),
        )
        need(commit.tree == data["tree"], msg("the commit has another tree than the event says"))
        wanted = self.proven.overlaid(before, {p.path: p.new for p in change.paths})
        if commit.tree != wanted:
            raise Unsound(self._stray(before, commit.tree, change))

    def _stray(self, before: str, after: str, change: Change) -> Message:
        """The first path that the acceptance moved although nobody approved it so."""
        approved = {p.path: p.new for p in change.paths}
        old = {path: (mode, blob) for path, mode, blob in self.proven.files(before)}
        new = {path: (mode, blob) for path, mode, blob in self.proven.files(after)}
        wanted = {path: row for path, row in old.items() if path not in approved}
        wanted |= {path: (FILE, blob) for path, blob in approved.items() if blob}
        stray = sorted(p for p in wanted.keys() | new.keys() if wanted.get(p) != new.get(p))
        path = stray[0] if stray else "/"
        return msg("{path} on main is not what was approved", path=path)

    def _rule(self, event: Event, submission: Submission) -> None:
        """The ruling once more: steps, persons, digests, bearing policy, keys, lapse."""
        before, after = self.state.main_tree, event.data["tree"]
        change, now = submission.last.change, event.time
        kinds, policy = self.moments.kinds(change, before, after, now), self._policy(event)
        ruling = rule_on(submission, kinds, 0, self.state, policy, now)
        faults = list(ruling.reasons)
        if change.is_policy:
            result = Result(after, self.moments.portal(after, now), (), kinds)
            faults += self._policy_faults(submission, result, policy, now)
        said = {n: event.data[n] for n in ("levels", "owes") if n in event.data}
        if said != short_level(submission, kinds, policy, now):
            faults.append(msg("it says something else about the second review than the rules of that day"))
        for fault in faults:
            raise Unsound(fault)
        for step in ruling.waiting:
            raise Unsound(
                msg(
                    "submission {number} was accepted without a valid approval for the step {step}",
                    number=submission.number,
                    step=step.code,
                )
            )

    def _policy_faults(
        self, submission: Submission, result: Result, policy: Policy, now: datetime
    ) -> Iterator[Message]:
        """What a change of settings may not do, by the gate that accepted it."""
        yield from policy_faults(submission.last.change, result, now, self.state.revoked)
        yield from gainers(submission, result, policy)

    def _published(self, event: Event) -> None:
        tree = self.state.main_tree
        settings = self.moments.portal(tree, event.time).settings
        rows = [
            (*serial_of(number, settings), number, ident) for ident, number in event.data["items"].items()
        ]
        for series, serial, number, ident in sorted(rows):
            need(any(self.proven.at(tree, p)[1] for p in paths_of(ident)),
                  msg("{item} was published, but main does not have it", item=ident))  # fmt: skip
            known = self.numbers.get(ident)
            if known is not None:
                need(known == number,
                      msg("{item} has a second index number {number}", item=ident, number=number))  # fmt: skip
                continue
            need(bool(number) and number not in self.numbers.values(),
                  msg("the index number {number} was given twice", number=number))  # fmt: skip
            self.numbers[ident] = number
            self._follow(series, serial, number, ident)

    def _rolled_back(self, event: Event) -> None:
        """The publisher's own act: it moves nothing, and says which release visitors were taken back to."""
        said = (event.data["release"], event.data["main"])
        need(all(isinstance(text, str) and text for text in said),
              msg("the event does not say what such an event must say"))  # fmt: skip

    def _follow(self, series: str, serial: int, number: str, ident: str) -> None:
        """Numbers of one series follow one another. Where it began, and single old numbers, are the old portal's."""
        last = self.serials.get(series, serial - 1)
        if not series or self.moments.legacy_number(self.state.main_tree, ident) == number:
            return
        need(serial == last + 1,
              msg("the index number {number} does not follow {last}", number=number, last=last))  # fmt: skip
        self.serials[series] = serial


def need(holds: bool, says: Message) -> None:
    """Unsound, with these words, when it does not hold."""
    if not holds:
        raise Unsound(says)


def _decided(submission: Submission) -> Message:
    return msg(
        "submission {number} was no longer open then ({state})",
        number=submission.number,
        state=submission.state,
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
