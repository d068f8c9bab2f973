"""Making a server's repository: bare, configured against git's traps, with hooks, and a recorded genesis."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from gongkai.checks.portal import read_portal
from gongkai.checks.run import run as check
from gongkai.evidence.ledger import LEDGER, MAIN, append
from gongkai.evidence.policy import read_policy
from gongkai.gate.receive import shared_keys
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import Gate, open_gate
from gongkai.model.errors import GongkaiError
from gongkai.model.finding import Severity
from gongkai.model.message import msg
from gongkai.store.files import write_whole
from gongkai.store.git import Repository
from gongkai.store.objects import Objects
from gongkai.store.process import run
from gongkai.store.tree import FolderTree

PARTS = ("content", "schemas", "site_config")
FILES = ("mkdocs.yml", "README.md")
CONFIG = {
    "receive.denyDeletes": "true",
    "receive.fsckObjects": "true",
    "transfer.fsckObjects": "true",
    "receive.maxInputSize": "200m",
    "receive.advertisePushOptions": "true",
    "receive.autogc": "false",
    "gc.auto": "0",
    "core.useReplaceRefs": "false",
    "core.logAllRefUpdates": "always",
    "core.sharedRepository": "0640",
}
PROC_REFS = ("refs/heads/review", "refs/gongkai/inbox")
"""What is pushed to these prefixes is decided by proc-receive."""
HOOKS = ("pre-receive", "proc-receive", "post-receive")

_NOTHING = """#!/bin/sh
# Nothing is decided after the fact; the hook stands so that no other is put in its place unseen.
exit 0
"""

_HOOK = """#!/bin/sh
# Made by `gongkai server init`; `gongkai server doctor` proves that it works.
exec {python} -m gongkai.hooks {name} "$@"
"""

# Plain sh, because git calls it for every ref that moves: main may only go where the last acceptance in the ledger (or
# withdrawal by the gate) says, the ledger may only grow, and no other name beside the gate's own may come into being (a
# plain `git fetch` into the repository included). An event ends with its kind, number and time, so words inside a
# statement cannot pose as an acceptance. What stays where it is may be written again, and its loose file may go when
# packed-refs holds the same: `git pack-refs` does both.
_REFERENCES = """#!/bin/sh
[ "$1" = prepared ] || exit 0
ends='"kind":"(accepted|genesis|withdrawn)","number":[0-9]+,"schema_version":1,"time":"[^"]*"[}}]$'
while read -r old new ref; do
  [ "$(git rev-parse -q --verify "$ref")" != "$new" ] || continue
  case "$new" in *[!0]*) ;; *) ! grep -qx "$old $ref" "$(git rev-parse --git-dir)/packed-refs" 2>/dev/null || continue ;; esac
  case "$ref" in
    refs/heads/main)
      git log --format=%B refs/gongkai/ledger 2>/dev/null | grep -m1 -E "$ends" | grep -q "\\"main\\":\\"$new\\"" || {{
        echo "gongkai: main only follows the ledger / main 只能随台账移动" >&2; exit 1; }} ;;
    refs/gongkai/ledger)
      there=$(git rev-parse -q --verify refs/gongkai/ledger)
      [ -z "$there" ] || [ "$(git rev-parse -q --verify "$new^")" = "$there" ] || {{
        echo "gongkai: the ledger only grows / 台账只能增加" >&2; exit 1; }} ;;
    refs/heads/review/*/*|refs/gongkai/inbox/*/*|HEAD) ;;
    *) echo "gongkai: $ref does not belong here / 这里不能有 $ref" >&2; exit 1 ;;
  esac
done
exit 0
"""


def init(folder: Path, source: Path, now: datetime) -> Gate:
    """Make the repository `folder` of the portal `source`; its content and policy become the recorded genesis.

    Refused when the folder is not empty, when the portal has errors, or with fewer than two administrators.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GongkaiError(
            msg("{folder} is not an empty folder", folder=str(folder)),
            msg("name a new folder; nothing was written"),
        )
    tree = FolderTree(source)
    portal = read_portal(tree, now=now, changed=frozenset())
    errors = check(portal).at_least(Severity.ERROR)
    policy = read_policy(portal.settings, portal.types)
    administrators = sorted(policy.administrators(now))
    reasons = [msg("the check finds {count} errors", count=len(errors))] if errors else []
    if len(administrators) < 2:
        reasons.append(msg("the portal names fewer than two administrators in people.yml"))
    reasons.extend(shared_keys(policy))
    if reasons:
        raise Refused(reasons, errors, msg("mend site_config/ and content/ first; nothing was written"))
    _make(folder)
    objects = Objects(Repository(folder))
    blobs = {
        e.path: objects.write_blob(tree.read(e.path))
        for part in PARTS
        for e in tree.entries(part)
        if e.kind == "file"
    }
    blobs |= {name: objects.write_blob(tree.read(name)) for name in FILES if (source / name).is_file()}
    _genesis(objects, blobs, administrators, now)
    return open_gate(folder)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = run(["git", "-c", "init.defaultBranch=main", "init", "--quiet", "--bare", folder])
    if done.code:
        raise GongkaiError(msg("git {command} failed: {reason}", command="init", reason=done.err.decode()))
    configure(folder)


def configure(folder: Path) -> None:
    """Write the configuration and the hooks; again is harmless, and mends what was taken away."""
    objects = Objects(Repository(folder))
    for name, value in CONFIG.items():
        objects.git("config", name, value)
    objects.git("config", "core.hooksPath", str((folder / "hooks").resolve()))
    for prefix in PROC_REFS:
        objects.git("config", "--replace-all", "receive.procReceiveRefs", prefix, f"^{prefix}$")
    for sample in (folder / "hooks").glob("*.sample"):
        sample.unlink()
    for name, text in hook_texts().items():
        write_whole(folder / "hooks" / name, text)
        (folder / "hooks" / name).chmod(0o755)


def hook_texts() -> dict[str, str]:
    """The hooks by name, for the Python that runs now."""
    texts = {name: _HOOK.format(python=sys.executable, name=name) for name in HOOKS}
    texts["post-receive"] = _NOTHING
    return {**texts, "reference-transaction": _REFERENCES.format()}


def _genesis(objects: Objects, blobs: dict[str, str], administrators: list[str], now: datetime) -> None:
    tree = objects.overlay("", blobs)
    commit = objects.write_commit(tree, [], "genesis", now)
    items = sum(path.startswith("content/") and path.count("/") == 3 for path in blobs)
    data = {"main": commit, "tree": tree, "administrators": administrators, "items": items}
    event = append(objects, None, "genesis", data, now)
    objects.move(LEDGER, event.id, "")
    objects.move(MAIN, commit, "")
