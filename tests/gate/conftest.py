"""A small bureau with a gate: a server with keys made once, copied for every test; people with clones of their own.

`server` is a fresh bare repository. `server.clone("tide-officer")` is that person's clone, which commits, submits,
approves and pushes as the commands do (real pushes, real hooks). `server.hand_in` and `server.say` do the same through
the gate's functions, without a push: for tests about rulings and time.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gongkai.evidence.ledger import LEDGER, MAIN, MOVES, Event, read
from gongkai.evidence.policy import key_body
from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.audit import audit
from gongkai.gate.change import change_between
from gongkai.gate.client import Clone, open_clone, push_branch, push_statement
from gongkai.gate.decide import Decision, take_in
from gongkai.gate.judging import judge
from gongkai.gate.receive import Push, Receipt, receive
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate, open_gate
from gongkai.gate.server import configure, init
from gongkai.model.evidence import Statement, Step
from gongkai.store import clock
from gongkai.store.signing import make_key, sign

ROOT = Path(__file__).parents[2]
SEED = {"tide": ("tide-2025-00001", "tide-2025-00002"), "ferry": ("ferry-2025-00001",)}
GOOD = {"head": "tide-head", "office": "office-reviewer"}
"""Who fills the two steps of a report of the tide department."""


def news(ident: str, day: str, title: str = "潮汐观测科完成例行复测", **fields: str) -> str:
    """The text of a short report: an item of type news, good in every respect on its day."""
    department = ident.rsplit("-", 2)[0]
    rows = {
        "id": ident, "type": "news", "title": title, "department": department, "officer": f"{department}-officer",
        "summary": "观测员完成六座验潮站水准点例行复测，结果全部符合要求。", "occurred_on": f'"{day}"',
        "category": "measures", "source": "业务科室", "openness": "proactive", "secrecy": "public",
        "personal_information": "{present: false}", "retention": "10y", **fields,
    }  # fmt: skip
    head = "".join(f"{name}: {value}\n" for name, value in rows.items())
    return f"---\n{head}---\n\n{title}，结果全部符合要求，成果用于下一年度潮汐表编制。\n"


def alert(ident: str, at: datetime, title: str = "听澜渡口因大风停航") -> str:
    """The text of a first report of an emergency: accepted by one leader on duty, and owes a second review."""
    department = ident.rsplit("-", 2)[0]
    rows = {
        "id": ident, "type": "emergency", "title": title, "department": department,
        "officer": f"{department}-officer", "summary": "听澜渡口阵风九级，渡船停航，无人员伤亡。",
        "occurred_at": f'"{at.isoformat(timespec="seconds")}"', "place": "云渡市听澜渡口",
        "situation": f"{title}，无人员伤亡。", "response": "值班长下令停航，疏导候船群众。",
        "next_step": "风力减弱后检查船只，再行复航。", "report_number": "1", "report": "first", "severity": "ordinary",
        "openness": "proactive", "secrecy": "public", "personal_information": "{present: false}",
        "retention": "permanent",
    }  # fmt: skip
    head = "".join(f"{name}: {value}\n" for name, value in rows.items())
    return f"---\n{head}---\n\n{title}，复航时间另行通知。\n"


def path_of(ident: str) -> str:
    """Where an item's file stands."""
    department, year, _ = ident.rsplit("-", 2)
    return f"content/{department}/{year}/{ident}.md"


def with_key(people: str, person: str, key: str) -> str:
    """The text of people.yml with this person's keys set to the one given (none when empty)."""
    return re.sub(
        rf"(- code: {person}\n(?:    .*\n)*?    ssh_keys: )\[.*\]",
        lambda m: m[1] + (f'["{key}"]' if key else "[]"),
        people,
    )


@dataclass(frozen=True)
class Answer:
    """How a push ended: git's exit code, and all that was said to the pusher."""

    code: int
    said: str


@dataclass
class Worker:
    """A person at a clone of the server's repository, with a key to sign."""

    server: Server
    person: str
    folder: Path

    def git(
        self, *args: str, check: bool = True, env: Mapping[str, str] | None = None, stdin: bytes = b""
    ) -> str:
        done = subprocess.run(
            ["git", *args], cwd=self.folder, env={**os.environ, **(env or {})}, input=stdin, capture_output=True,
            check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(done.stderr.decode())
        return done.stdout.decode().strip()

    def write(self, path: str, text: str | bytes) -> str:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def news(self, ident: str = "tide-2026-00001", **fields: str) -> str:
        """Write a new item that is good today; returns its path."""
        return self.write(path_of(ident), news(ident, self.server.today(), **fields))

    def start(self) -> None:
        """Begin afresh on the server's main."""
        self.git("fetch", "-q", "origin")
        self.git("checkout", "-q", "--detach", "-f", "origin/main")

    def commit(self, message: str = "work", *, env: Mapping[str, str] | None = None) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, env=env)
        return self.git("rev-parse", "HEAD")

    def commit_entries(self, *entries: tuple[str, str, str], parents: tuple[str, ...] = ()) -> str:
        """A commit of main's tree with (mode, object id, path) laid over it: for what a working copy cannot hold."""
        index = {"GIT_INDEX_FILE": str(self.folder / ".git" / "made-index")}
        self.git("read-tree", "origin/main", env=index)
        lines = b"".join(
            f"{mode} {oid}\t".encode() + os.fsencode(path) + b"\0" for mode, oid, path in entries
        )
        self.git("update-index", "-z", "--index-info", stdin=lines, env=index)
        tree = self.git("write-tree", env=index)
        over = [x for p in parents or ("origin/main",) for x in ("-p", p)]
        return self.git("commit-tree", tree, *over, "-m", "made")

    def blob(self, data: str | bytes) -> str:
        raw = data.encode() if isinstance(data, str) else data
        return self.git("hash-object", "-w", "--stdin", stdin=raw)

    def push(self, *args: str, env: Mapping[str, str] | None = None) -> Answer:
        """A plain `git push origin ARGS`: what somebody without our commands would try."""
        done = subprocess.run(
            ["git", "push", "origin", *args], cwd=self.folder, env={**os.environ, **(env or {})}, capture_output=True,
            check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stderr.decode())

    def clone(self) -> Clone:
        """The clone as the commands see it, brought up to date."""
        return open_clone(self.folder)

    def submit(self, name: str = "x", tip: str = "HEAD", department: str = "") -> str:
        """Sign and push a commit to a review branch; returns the submission's number. Refused when the gate says no."""
        clone = self.clone()
        tip = self.git("rev-parse", tip)
        base = clone.gate.objects.merge_base(clone.gate.state.main, tip)
        change, faults = change_between(clone.gate.objects, base, tip)
        branch = f"refs/heads/review/{department or self.server.department(self.person)}/{name}"
        # With faults there is no change to sign; the server must find them by itself.
        digest = change.digest if not faults else "0" * 64
        moment = clock.now().isoformat()
        push_branch(
            clone, tip, branch,
            Statement("submission", clone.gate.state.genesis, "", 0, digest, self.person, moment),
        )  # fmt: skip
        found = self.clone().gate.state.open_for(branch)
        assert found is not None
        return found.number

    def statement(self, kind: str, number: str, step: str = "", reason: str = "") -> Statement:
        """What this person would sign about the last version of a submission."""
        return self.server.statement(kind, number, self.person, step, reason, gate=self.clone().gate)

    def approve(self, number: str, step: str = "") -> str:
        """Sign and push a yes; returns what the server said. Refused when the gate says no."""
        return push_statement(self.clone(), self.statement("approval", number, step))

    def send_back(self, number: str, reason: str = "标题写得不准确") -> str:
        return push_statement(self.clone(), self.statement("return", number, reason=reason))

    def cancel(self, number: str) -> str:
        return push_statement(self.clone(), self.statement("cancel", number))


@dataclass
class Server:
    """A bare repository with a gate, and everybody's keys."""

    folder: Path
    keys: Path
    gate: Gate
    start: datetime
    """When the repository was made (a day before now)."""
    known_kinds: dict[tuple[str, int, str], tuple[tuple[str, str], ...]] = field(
        default_factory=dict, repr=False
    )

    def today(self) -> str:
        return self.gate.policy(clock.now()).day(clock.now()).isoformat()

    def department(self, person: str) -> str:
        return self.gate.policy(clock.now()).people[person].department

    def key(self, person: str) -> Path:
        return self.keys / person

    def clone(self, person: str, name: str = "") -> Worker:
        """A fresh clone of this person's own."""
        folder = self.folder.parent / (name or f"clone-{person}")
        subprocess.run(["git", "clone", "-q", self.folder, folder], check=True, capture_output=True)
        worker = Worker(self, person, folder)
        for option, value in {
            "user.name": person, "user.email": f"{person}@example.org", "commit.gpgsign": "false",
            "gongkai.person": person, "gongkai.key": str(self.key(person)), "core.quotePath": "true",
        }.items():  # fmt: skip
            worker.git("config", option, value)
        return worker

    def refs(self) -> dict[str, str]:
        """Every ref with its object id."""
        return self.gate.objects.refs("refs/")

    def events(self) -> list[str]:
        """The kinds of all events, oldest first."""
        return [e.kind for e in read(self.gate.objects, self.gate.objects.ref(LEDGER))]

    def read(self, path: str, commit: str = "refs/heads/main") -> str:
        """A file's text on main; empty when it is not there."""
        entry = self.gate.objects.listing(commit).get(path)
        return self.gate.objects.repository.blob(entry.blob).decode() if entry else ""

    def commit_of(self, files: Mapping[str, str | bytes | None], base: str = "") -> str:
        """A commit of main (or `base`) with these files written; None takes one away."""
        objects = self.gate.objects
        base = base or self.gate.refresh().main
        blobs = {
            p: "" if t is None else objects.write_blob(t.encode() if isinstance(t, str) else t)
            for p, t in files.items()
        }
        return objects.write_commit(objects.overlay(base, blobs), [base], "work", self.start)

    def hand_in(
        self, files: Mapping[str, str | bytes | None], now: datetime | None = None, *, person: str = "tide-officer",
        name: str = "x", base: str = "", department: str = "tide",
    ) -> Receipt:  # fmt: skip
        """Hand files in as `person`, whom the server vouches for, without a push. Refused when the gate says no."""
        tip = self.commit_of(files, base)
        with self.gate.lock():
            self.gate.refresh()
            push = Push(f"refs/heads/review/{department}/{name}", tip, person)
            return receive(self.gate, push, now or clock.now())

    def steps(
        self, number: str, now: datetime | None = None, gate: Gate | None = None
    ) -> tuple[tuple[Step, ...], str]:
        """The steps that the last version of a submission needs, and the digest of the policy that bears on it."""
        from gongkai.evidence.ruling import needed

        gate, moment = gate or self.gate, now or clock.now()
        submission = gate.refresh().submissions[number]
        policy = gate.policy(moment)
        key = (number, submission.last.number, gate.state.main)
        if key not in self.known_kinds:
            # Settings touch no item, and to check a whole portal twice for one approval would make the tests slow.
            change = submission.last.change
            self.known_kinds[key] = () if submission.policy else judge(gate, change, moment).kinds
        kinds = self.known_kinds[key]
        steps = needed(submission, kinds, policy)
        return steps, policy.bearing(steps, (kind for kind, _ in kinds))

    def statement(
        self, kind: str, number: str, person: str, step: str = "", reason: str = "", now: datetime | None = None,
        gate: Gate | None = None,
    ) -> Statement:  # fmt: skip
        """The honest statement of `person` about the last version; without `step`, the first that they may fill."""
        gate, moment = gate or self.gate, now or clock.now()
        submission = gate.refresh().submissions[number]
        last, bearing = submission.last, ""
        if kind == "approval":
            steps, bearing = self.steps(number, moment, gate)
            policy = gate.policy(moment)
            own = [s.code for s in steps if policy.may(person, s, moment)]
            step = step or (own[0] if own else steps[0].code)
        if kind == "confirmation" and not step:
            step = gate.state.owed[number].steps[0].code
        return Statement(
            kind, gate.state.genesis, number, last.number, last.change.digest, person, moment.isoformat(), bearing, step,
            dict.fromkeys(last.change.items[:1] or ("*",), reason) if reason else {},
        )  # fmt: skip

    def say(
        self, kind: str, number: str, person: str, now: datetime | None = None, *, step: str = "", reason: str = "",
        key: Path | None = None, namespace: str = "", user: str = "", **altered: Any,
    ) -> Decision:  # fmt: skip
        """Sign a statement and bring it to the gate without a push. `altered` are its fields that a forger changes."""
        statement = self.statement(kind, number, person, step, reason, now)
        statement = replace(statement, **altered)
        signature = sign(key or self.key(person), namespace or NAMESPACES[statement.kind], text_of(statement))
        return self.bring(pack(statement, signature), statement.person, now, user=user)

    def bring(self, packed: bytes, person: str, now: datetime | None = None, user: str = "") -> Decision:
        """What the hook does with a statement that was pushed to the inbox."""
        ref = f"refs/gongkai/inbox/{person}/{hashlib.sha256(packed).hexdigest()}"
        with self.gate.lock():
            self.gate.refresh()
            blob = self.gate.objects.write_blob(packed)
            return take_in(self.gate, ref, blob, user, now or clock.now())

    def accept(self, number: str, now: datetime | None = None, people: tuple[str, ...] = ()) -> str:
        """Everybody who is needed says yes; returns main's new commit."""
        done = [self.say("approval", number, person, now) for person in people or tuple(GOOD.values())]
        assert done[-1].accepted, done[-1].ruling
        return done[-1].accepted

    def anew(self) -> Server:
        """The same server as another process sees it: nothing remembered, no pipe shared."""
        return Server(self.folder, self.keys, open_gate(self.folder), self.start)

    def faults(self) -> list[str]:
        """What does not hold of a settled server; empty when everything does. Read from the repository alone."""
        gate = open_gate(self.folder)
        state, objects = gate.state, gate.objects
        events = read(objects, objects.ref(LEDGER))
        found = [f"event {n} is numbered {e.number}" for n, e in enumerate(events) if e.number != n]
        if objects.ref(MAIN) != state.main:
            found.append("main is not the ledger's")
        if objects.chain(MAIN) != [e.data["main"] for e in events if e.kind in MOVES]:
            found.append("main's steps are not the acceptances")
        accepted = [e for e in events if e.kind == "accepted"]
        fresh = [e.data["submission"] for e in events if e.kind == "received" and e.data["submission"]]
        first = list(dict.fromkeys(fresh))
        if [int(number[-5:]) for number in first] != list(range(1, len(first) + 1)):
            found.append(f"numbers given: {first}")
        found += [f for event in accepted for f in self._unearned(event, events)]
        once = [e.data["submission"] for e in accepted]
        found += [f"{n} was accepted twice" for n in set(once) if once.count(n) > 1]
        signed = [e.data["signature"] for e in events if "signature" in e.data]
        found += ["a signed statement was recorded twice"] if len(set(signed)) < len(signed) else []
        open_ = {
            s.branch: s.last.tip for s in state.submissions.values() if s.state in ("waiting", "returned")
        }
        if objects.refs("refs/heads/review/") != open_:
            found.append("the review branches are not those of the open submissions")
        if sum("signature" in e.data and e.kind != "received" for e in events) != len(
            objects.refs("refs/gongkai/inbox/")
        ):
            found.append("the inbox does not hold exactly what was recorded")
        return found + [
            f"left behind: {lock}" for lock in self.folder.rglob("*.lock") if lock.name != "gongkai.lock"
        ]

    def audited(self) -> str:
        """The first thing that the audit names; empty when all of the ledger and main holds."""
        fault = audit(self.folder, fetch=False).fault
        return fault.says.text if fault else ""

    def _unearned(self, event: Event, events: tuple[Event, ...]) -> list[str]:
        """Whether an acceptance had its two approvals, of exactly this content, by two who did not hand it in."""
        number, version, change = (event.data[k] for k in ("submission", "version", "change"))
        mine = [e for e in events[: event.number] if e.data.get("submission") == number]
        officers = {e.data["person"] for e in mine if e.kind == "received"}
        yes = [
            e
            for e in mine
            if e.kind == "approved" and (e.data["version"], e.data["change"]) == (version, change)
        ]
        void = {k for e in events[: event.number] if e.kind == "revoked" for k in e.data["keys"]}
        yes = [e for e in yes if " ".join(e.data["key"].split()[:2]).rstrip("=") not in void]
        people = {e.data["person"] for e in yes if (clock.now() - e.time).days < 30} - officers
        steps = {e.data["step"] for e in yes if e.data["person"] in people}
        returned = [e for e in mine if e.kind == "returned" and e.data["version"] == version]
        short = steps == {"duty"} and event.data.get("owes", {}).get("steps") == [["office", "office", ""]]
        full = len(people) > 1 and ({"head", "office"} <= steps or {"administrator", "second"} <= steps)
        if returned or not (short or full):
            return [f"event {event.number}: {number} was accepted without its approvals"]
        return []

    def revoke(
        self, whose: str, person: str, now: datetime | None = None, key: Path | None = None, **altered: Any
    ) -> Decision:
        """Declare somebody's present keys void as `person`."""
        moment = now or clock.now()
        bodies = [key_body(k) for k in self.gate.policy(moment).people[whose].keys]
        statement = Statement(
            "revocation", self.gate.state.genesis, "", 0, "", person, moment.isoformat(), step=whose,
            reasons=dict.fromkeys(bodies, "电脑丢失"),
        )  # fmt: skip
        statement = replace(statement, **altered)
        signature = sign(key or self.key(person), NAMESPACES["revocation"], text_of(statement))
        return self.bring(pack(statement, signature), person, now)

    def change_policy(
        self, files: Mapping[str, str | None], now: datetime | None = None, second: str = "auditor"
    ) -> str:
        """Hand in a change of settings by one administrator and accept it with another and a second person."""
        name = f"p{len(self.gate.refresh().submissions)}"
        number = self.hand_in(files, now, person="admin-a", department="office", name=name).number
        self.say("approval", number, "admin-b", now, step="administrator")
        return self.say("approval", number, second, now, step="second").accepted

    def people(self) -> str:
        """The text of people.yml as it stands on main."""
        return self.read("site_config/people.yml")


@pytest.fixture
def why() -> Callable[..., tuple[str, ...]]:
    """Call something that must be refused; returns the msgids of the reasons and the codes of the findings."""

    def refused(call: Callable[..., object], *args: Any, **kwargs: Any) -> tuple[str, ...]:
        with pytest.raises(Refused) as caught:
            call(*args, **kwargs)
        error = caught.value
        return (*(r.text for r in error.reasons), *(f.code for f in error.findings))

    return refused


@pytest.fixture(autouse=True)
def _plain_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the machine bears on git here."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GONGKAI_LANG", "en")
    for name in ("GONGKAI_USER", "GL_USER"):
        monkeypatch.delenv(name, raising=False)


def enter_holidays(portal: Path, year: int) -> None:
    """Enter a notice of this year's holidays where the house holds none yet, as an operator does in January."""
    path = portal / "site_config" / "holidays" / f"{year}.yml"
    if not path.is_file():
        path.write_text(
            f"year: {year}\nnotice: 潮湾发〔{year}〕1号\nnotice_date: {year - 1}-11-04\n"
            f"source: https://example.org/{year}\noff:\n  - {{date: {year}-01-01, name: 元旦}}\nwork: []\n",
            encoding="utf-8",
        )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal of three items with keys for everybody (keys/), its folder (portal/) and its server (server.git)."""
    folder = tmp_path_factory.mktemp("gate")
    portal = folder / "portal"
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, portal / part)
    shutil.copy(ROOT / "mkdocs.yml", portal / "mkdocs.yml")
    enter_holidays(portal, clock.now().year)
    for ident in (i for idents in SEED.values() for i in idents):
        target = portal / path_of(ident)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(news(ident, "2025-06-03"), encoding="utf-8")
    path = portal / "site_config" / "people.yml"
    people = path.read_text(encoding="utf-8")
    for person in re.findall(r"- code: (\S+)", people):
        people = with_key(people, person, make_key(folder / "keys" / person, person))
    path.write_text(people, encoding="utf-8")
    init(folder / "server.git", portal, clock.now() - timedelta(days=1))
    return folder


@pytest.fixture(scope="session")
def new_server(template: Path) -> Callable[[Path], Server]:
    """Copy the template's server into a folder: `new_server(tmp_path)`."""

    def make(parent: Path) -> Server:
        folder = parent / "server.git"
        shutil.copytree(template / "server.git", folder)
        configure(folder)
        gate = open_gate(folder)
        assert gate.state.last is not None
        return Server(folder, template / "keys", gate, gate.state.last.time)

    return make


@pytest.fixture
def server(new_server: Callable[[Path], Server], tmp_path: Path) -> Server:
    """A fresh copy of the template's server."""
    return new_server(tmp_path)


@pytest.fixture(scope="session")
def report() -> Callable[..., dict[str, str]]:
    """A small report good today, as {path: text}: `report(server, "tide-2026-00001", title=…)`."""

    def make(server: Server, ident: str = "tide-2026-00001", **fields: str) -> dict[str, str]:
        return {path_of(ident): news(ident, server.today(), **fields)}

    return make


@pytest.fixture
def officer(server: Server) -> Worker:
    """The tide department's officer at a clone."""
    return server.clone("tide-officer")
