"""Accounts of this machine: whose a folder is, who else may write into it, and how people log in to its account."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

PARTS = (".", "objects", "refs", "hooks", "config", "HEAD")
"""The parts of a bare repository whose writing is the writing of the repository."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account a folder belongs to: its name, its shell, and the lines of its authorized_keys."""

    name: str
    shell: str
    keys: tuple[str, ...] = ()


def account_of(folder: Path) -> Account:
    """The owner of a folder; what cannot be read is empty."""
    import pwd

    uid = folder.stat().st_uid
    try:
        row = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), "")
    try:
        lines = Path(row.pw_dir, ".ssh", "authorized_keys").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    keys = tuple(line for line in map(str.strip, lines) if line and not line.startswith("#"))
    return Account(row.pw_name, row.pw_shell, keys)


def others_may_write(folder: Path) -> bool:
    """Whether the group or everybody may write into a bare repository."""
    shared = stat.S_IWGRP | stat.S_IWOTH
    return any(path.stat().st_mode & shared for path in (folder / part for part in PARTS) if path.exists())
