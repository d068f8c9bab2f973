"""What is to be built, and as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gongkai.evidence.chain import Record
from gongkai.model.facts import Facts

FRAME = ("mkdocs.yml", "site_config/pages", "site_config/theme")
"""What MkDocs itself reads of a portal; everything else comes in through the plugin."""


@dataclass(frozen=True)
class Plan:
    """What is built: the folder that MkDocs reads, the portal's folder or repository, its commit, moment, facts, record."""

    root: Path
    repo: Path
    commit: str
    now: datetime
    facts: Facts
    record: Record
