"""After a decision: the process that tells people of it is started, where the server is set up for that (`notify`)."""

from __future__ import annotations

import sys

from gongkai.gate.repository import Gate
from gongkai.store.process import start

SETTINGS = "gongkai-notify.yml"


def call_away(gate: Gate) -> None:
    """Start the sending process when the server is set up for it. Called by the hook after its decision."""
    if (gate.folder / SETTINGS).is_file():
        start([sys.executable, "-m", "gongkai.hooks", "notify"], cwd=gate.folder)
