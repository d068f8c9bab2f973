"""What is to be built, and as of when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gongkai.evidence.chain import Record
from gongkai.model.facts import Facts
from gongkai.store.kept import Kept

FRAME = ("mkdocs.yml", "site_config/pages", "site_config/theme")
"""What MkDocs itself reads of a portal; everything else comes in through the plugin."""


@dataclass(frozen=True)
class Plan:
    """What is built: the folder that MkDocs reads, the portal's folder or repository, its commit, moment, facts, record.

    `kept` is what a process that stays remembers of the last build; without it, what lies beside the repository.
    """

    root: Path
    repo: Path
    commit: str
    now: datetime
    facts: Facts
    record: Record
    kept: Kept | None = field(default=None, compare=False, repr=False)
