"""What a build gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gongkai.portal.links import DeadLink, Request
from gongkai.portal.page import BrokenLink, SiteText
from gongkai.portal.past import Past


@dataclass(frozen=True)
class Built:
    """A finished build: how many pages and files, and every link that leads nowhere."""

    site: Path
    pages: int = 0
    files: int = 0
    broken: tuple[BrokenLink, ...] = ()
    dead: tuple[DeadLink, ...] = ()
    requests: tuple[Request, ...] = ()
    remarks: tuple[str, ...] = ()
    settings: tuple[SiteText, ...] = ()
    past: Past | None = None
    """What the next build can take over; None when MkDocs built it by itself."""
    reused: int = 0
    """How many sheets were taken over from the build before."""

    @property
    def sound(self) -> bool:
        """Whether the pages may go out: nothing dead, nothing asked of another host."""
        return not self.dead and not self.requests
