"""A clone of one's own: fetched with its ledger, with a name in it and a key to sign with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gongkai.evidence.policy import Policy, read_policy
from gongkai.gate.client import config, fetch_all, remember, unreachable
from gongkai.gate.repository import open_gate
from gongkai.items.config import read_settings
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg
from gongkai.model.settings import Settings, words
from gongkai.schema.library import read_types
from gongkai.store.process import run
from gongkai.store.signing import make_key
from gongkai.store.tree import CommitTree

NAME = "gongkai_ed25519"


@dataclass(frozen=True)
class Ready:
    """What was set up: folder, person, private key, the public key's line, whether it was made now, whether it counts."""

    folder: Path
    person: str
    key: Path
    public: str
    made: bool
    registered: bool
    others: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The line for people.yml: the keys that the person has already, and this one."""
        return "ssh_keys: [" + ", ".join(f'"{key}"' for key in (*self.others, self.public)) + "]"


Ask = Callable[[Mapping[str, Mapping[str, Any]]], str]
"""Asks who one is, from the people in office; returns a code, or nothing where nobody can be asked."""


def setup(url: str, folder: Path | None, person: str, key: Path | None, ask: Ask, now: datetime) -> Ready:
    """Clone `url` (or take the clone that stands there), learn who works in it, find or make the key. Again is harmless."""
    there = _clone(url, folder)
    fetch_all(there)
    gate = open_gate(there)
    tree = CommitTree(there, gate.state.main)
    settings = read_settings(tree)[0]
    policy = read_policy(settings, read_types(tree).types)
    who = _who(settings, policy, person or config(there, "gongkai.person"), ask, now)
    private, made = _key(key, config(there, "gongkai.key"), who, policy)
    public = public_key(private)
    _store(there, who, private, settings)
    return Ready(
        there, who, private, public, made, is_registered(public, policy, who, now), policy.people[who].keys
    )


def _clone(url: str, folder: Path | None) -> Path:
    here = Path(url)
    if folder is None and here.is_dir() and _is_work_tree(here):
        return here.absolute()
    target = (
        folder or Path(url.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].removesuffix(".git"))
    ).absolute()
    if (
        target.is_dir()
        and _is_work_tree(target)
        and config(target, "remote.origin.url") in (url, str(here.absolute()))
    ):
        return target
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise GongkaiError(
            msg("{folder} is not an empty folder", folder=str(target)),
            msg("name a new folder; nothing was written"),
        )
    # No conversion of line ends: what is signed is the bytes that lie here.
    options = ["-c", "core.autocrlf=false", "-c", "core.quotePath=false", "-c", "core.useReplaceRefs=false"]
    source = str(here.absolute()) if here.exists() else url
    done = run(["git", "clone", "--quiet", *options, "--", source, target], timeout=3600)
    if done.code:
        raise unreachable(done.err.decode("utf-8", "replace").strip())
    return target


def _is_work_tree(folder: Path) -> bool:
    done = run(["git", "rev-parse", "--show-toplevel"], cwd=folder)
    return done.code == 0 and Path(done.out.decode().strip()).resolve() == folder.resolve()


def _who(settings: Settings, policy: Policy, person: str, ask: Ask, now: datetime) -> str:
    active = {c: settings.people[c] for c, p in policy.people.items() if p.active(policy.day(now))}
    who = person or ask(active)
    if who in active:
        return who
    hint = msg("name yourself with --person, one of: {people}", people=", ".join(active))
    if not who:
        raise GongkaiError(msg("nobody said who works here"), hint)
    if who in policy.people:
        raise GongkaiError(msg("{person} is not in office today (people.yml)", person=who), hint)
    raise GongkaiError(msg("there is no person {value}", value=who), hint)


def _key(given: Path | None, known: str, person: str, policy: Policy) -> tuple[Path, bool]:
    """The private key: the one given, the one known here, a registered one among those at hand, else a new one."""
    if given is not None:
        return _existing(given.expanduser().absolute()), False
    own = {_body(k) for k in policy.people[person].keys}
    others = {_body(k) for p in policy.people.values() if p.code != person for k in p.keys}
    if known and Path(known).is_file() and _body(public_key(Path(known))) not in others:
        return Path(known), False
    folder = key_folder()
    at_hand = [p.with_suffix("") for p in sorted(folder.glob("*.pub")) if p.with_suffix("").is_file()]
    for path in at_hand:
        if _body(public_key(path)) in own:
            return path, False
    # One account may be used by several people: a key belongs to one of them for ever.
    for path in (folder / NAME, folder / f"{NAME}_{person}"):
        if not path.exists():
            make_key(path, f"{person}@gongkai")
            return path, True
        if _body(public_key(path)) not in others and f" {person}@gongkai" in public_key(path):
            return path, False
    return _existing(folder / f"{NAME}_{person}"), False


def key_folder() -> Path:
    """Where keys lie: $GONGKAI_KEY_DIR, else ~/.ssh."""
    given = os.environ.get("GONGKAI_KEY_DIR")
    return Path(given).absolute() if given else Path.home() / ".ssh"


def _existing(path: Path) -> Path:
    private = path.with_suffix("") if path.suffix == ".pub" and path.with_suffix("").is_file() else path
    if not private.is_file():
        raise GongkaiError(
            msg("there is no key {path}", path=str(path)),
            msg("name the private key with --key, or leave --key away and one is made"),
        )
    return private


def public_key(private: Path) -> str:
    """The public key's line: from the file beside the private key, else made from it."""
    beside = private if private.suffix == ".pub" else private.with_name(private.name + ".pub")
    if beside.is_file():
        return beside.read_text(encoding="utf-8", errors="replace").strip()
    done = run(["ssh-keygen", "-y", "-P", "", "-f", private])
    if done.code:
        raise GongkaiError(
            msg(
                "{path} is no key that can be used: {reason}",
                path=str(private),
                reason=done.err.decode("utf-8", "replace").strip(),
            ),
            msg("a key with a passphrase needs its .pub file beside it, and ssh-agent running"),
        )
    return done.out.decode("utf-8", "replace").strip()


def _body(line: str) -> str:
    return " ".join(line.split()[:2])


def is_registered(public: str, policy: Policy, person: str, now: datetime) -> bool:
    """Whether people.yml has this key for the person, and the person is in office."""
    return _body(public) in {_body(key) for code, key in policy.keys(now) if code == person}


def _store(folder: Path, person: str, key: Path, settings: Settings) -> None:
    row = settings.people[person]
    emails = [e for e in row.get("emails") or () if isinstance(e, str)]
    title = words(row.get("title"))
    remember(folder, "gongkai.person", person)
    remember(folder, "gongkai.key", str(key))
    remember(folder, "user.name", title.in_language(settings.language) if title else person)
    remember(folder, "user.email", emails[0] if emails else f"{person}@gongkai.invalid")
