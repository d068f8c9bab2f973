"""`python -m gongkai.hooks NAME`: what the hook scripts of a server's repository call."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from gongkai.gate.names import push_faults
from gongkai.gate.refusal import Refused
from gongkai.hooks.speaking import bug, note, show
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue
from gongkai.store.environment import clean_environment, collect_seldom

Hook = Callable[[Callable[[Message], str]], int]
SHORT_LIVED = 1_000_000
"""The rows of some ten thousand items need not be looked through before a process that lives for half a second ends."""


def main() -> int:
    """Run the hook named on the command line; its exit code is git's answer."""
    say = Catalogue(os.environ.get("GONGKAI_LANG", "zh")).say
    hook = HOOKS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if hook is None:
        return 2
    clean_environment()
    collect_seldom(SHORT_LIVED)
    try:
        return hook(say)
    except GongkaiError as error:
        show(error, say)
    except Exception as error:  # whatever it is: no is the answer
        bug(error, say)
    return 1


def pre_receive(say: Callable[[Message], str]) -> int:
    """Only names here, while the objects are in quarantine; what they hold is judged by proc-receive."""
    updates = [tuple(line.split(" ", 2)) for line in sys.stdin.read().splitlines()]
    faults = list(push_faults([(u[0], u[1], u[2]) for u in updates]))
    if faults:
        refused = Refused(faults)
        note(refused, " ".join(u[2] for u in updates), clock.now(), Path.cwd())
        raise refused
    return 0


def _later(name: str) -> Hook:
    """A hook that needs the whole engine: it is imported when it is called, for every push starts three hooks."""
    return lambda say: int(getattr(import_module("gongkai.hooks.receive"), name)(say))


HOOKS: dict[str, Hook] = {
    "pre-receive": pre_receive,
    "proc-receive": _later("proc_receive"),
    "notify": _later("notify"),
}

if __name__ == "__main__":
    sys.exit(main())
