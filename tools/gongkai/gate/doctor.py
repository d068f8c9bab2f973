"""`gongkai server doctor`: does the gate stand, and does it refuse? Looked at, and proved on a scratch copy.

git ignores a hook that is missing or cannot be run without a word, and serves whatever a graft or a replace ref says.
So each part is looked at, and then forbidden things are really pushed, into a copy that shares only the objects.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gongkai.evidence.ledger import LEDGER, MAIN
from gongkai.gate.client import config
from gongkai.gate.clockwork import jumped
from gongkai.gate.names import INBOX, REVIEW
from gongkai.gate.repository import Gate
from gongkai.gate.server import CONFIG, HOOKS, PROC_REFS, hook_texts
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store.accounts import Account, account_of, others_may_write
from gongkai.store.locks import locked
from gongkai.store.process import run

MEND = msg("`gongkai server doctor DIR --mend` writes configuration and hooks again")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the server that is not as it must be, and what to do."""

    says: Message
    hint: Message


@dataclass(frozen=True, slots=True)
class Setting:
    """`guarded` (people reach the repository only through forced commands) or `local`, and why."""

    name: str
    why: tuple[Message, ...]


def look(gate: Gate, now: datetime) -> Iterator[Finding]:
    """Everything about a server's repository that can be seen without pushing; nothing is changed."""
    yield from _config(gate.folder)
    yield from _hooks(gate.folder)
    yield from _strangers(gate)
    yield from _order(gate, now)


def _config(folder: Path) -> Iterator[Finding]:
    wanted = {**CONFIG, "core.bare": "true", "core.hooksPath": str((folder / "hooks").resolve())}
    for name, value in wanted.items():
        there = config(folder, name)
        if there != value:
            yield Finding(msg("{name} is {there} in the configuration; it must be {value}",
                              name=name, there=there or "-", value=value), MEND)  # fmt: skip
    done = run(["git", "config", "--get-all", "receive.procReceiveRefs"], cwd=folder)
    for prefix in set(PROC_REFS) - set(done.out.decode("utf-8", "replace").split()):
        yield Finding(msg("what is pushed to {prefix} does not pass the gate", prefix=prefix), MEND)


def _hooks(folder: Path) -> Iterator[Finding]:
    for name, text in hook_texts().items():
        path = folder / "hooks" / name
        if not path.is_file():
            yield Finding(msg("the hook {name} is missing, and git says nothing about it", name=name), MEND)
        elif not os.access(path, os.X_OK):
            yield Finding(
                msg("the hook {name} cannot be run, and git ignores it without a word", name=name), MEND
            )
        else:
            yield from _hook(name, path.read_text("utf-8", "replace"), text)


def _hook(name: str, there: str, wanted: str) -> Iterator[Finding]:
    match = re.search(r"^exec (\S+) -m gongkai\.hooks ", there, re.MULTILINE)
    if name in HOOKS and match is not None:
        python = Path(match[1])
        if not os.access(python, os.X_OK) or run([python, "-c", "import gongkai.hooks.receive"]).code:
            yield Finding(msg("the hook {name} calls {python}, which is not there or has no Gongkai",
                              name=name, python=str(python)), MEND)  # fmt: skip
            return
        there = there.replace(match[1], _python(wanted))
    if there != wanted:
        yield Finding(
            msg("the hook {name} is not the one that this version of Gongkai writes", name=name), MEND
        )


def _python(text: str) -> str:
    match = re.search(r"^exec (\S+) ", text, re.MULTILINE)
    return match[1] if match else ""


def _strangers(gate: Gate) -> Iterator[Finding]:
    """Refs and files that have no place in a server's repository."""
    for ref in gate.objects.refs("refs/"):
        if ref not in (MAIN, LEDGER) and not REVIEW.match(ref) and not INBOX.match(ref):
            yield Finding(msg("{ref} does not belong here", ref=ref),
                          msg("find out who put it there, then remove it: `git update-ref -d {ref}`", ref=ref))  # fmt: skip
    for name in ("shallow", "info/grafts", "info/attributes", "objects/info/alternates"):
        if (gate.folder / name).exists():
            yield Finding(msg("{path} changes what git shows of the repository", path=name),
                          msg("find out who put it there, then remove it"))  # fmt: skip


def _order(gate: Gate, now: datetime) -> Iterator[Finding]:
    """Lock, clock, and whether main stands where the ledger says."""
    try:
        with locked(gate.folder / "gongkai.lock", 5.0):
            gate.refresh()
    except GongkaiError as error:
        yield Finding(error.says, msg("see which process holds it; a killed one lets go by itself"))
    last = gate.state.last
    if last is not None and now < last.time:
        yield Finding(msg("the server's clock ({now}) stands before the last event ({last})", now=now, last=last.time),
                      msg("set the clock right; until then nothing can be recorded"))  # fmt: skip
    if last is not None and jumped(gate.state, gate.policy(now), now):
        yield Finding(msg("the server's clock ({now}) stands {days} days after the last event ({last}); more than {limit} days"
                          " need an administrator", now=now, days=(now - last.time).days, last=last.time,
                          limit=gate.policy(now).ahead.days),
                      msg("set the clock right; if it is right, an administrator accepts it with"
                          " `gongkai server clock CLONE --accept`"))  # fmt: skip
    if gate.objects.ref(MAIN) != gate.state.main:
        yield Finding(msg("main does not stand where the ledger says"),
                      msg("run `gongkai server settle DIR`; if it happens again, run `gongkai audit`"))  # fmt: skip


def setting(folder: Path) -> Setting:
    """How well the repository is shut off from those who push. A pusher on a local path can switch hooks off."""
    account = account_of(folder)
    why = []
    if others_may_write(folder):
        why.append(msg("other accounts of this machine may write into {folder}", folder=str(folder)))
    if not _forced(account):
        why.append(
            msg(
                "the account {account} can do more than push: its shell is {shell}, and not every key in its"
                " authorized_keys has a forced command",
                account=account.name,
                shell=account.shell,
            )
        )
    if why:
        return Setting("local", tuple(why))
    return Setting("guarded", (msg("{folder} belongs to the account {account}, which people reach by forced commands only",
                                   folder=str(folder), account=account.name),))  # fmt: skip


def _forced(account: Account) -> bool:
    """Whether nobody gets a shell as this account: a shell that only serves git, or a command before every key."""
    if Path(account.shell).name in ("git-shell", "nologin", "false"):
        return True
    return bool(account.keys) and all("command=" in key for key in account.keys)
