"""What a hook says to the pusher, and what it keeps of a refusal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from gongkai.gate.refusal import Refused
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, english, msg
from gongkai.report.escape import terminal
from gongkai.store.logfile import write_bug

SHOWN = 20
"""So many findings are printed to the pusher; `gongkai check` shows the rest."""
LOG = "gongkai/refused.jsonl"
MOST = 10_000_000
"""A log of so many bytes becomes `refused.jsonl.1`, in the place of the one before."""


def tell(words: str) -> None:
    """One line to the pusher; git prints it as it is, so what others wrote is shown, never obeyed."""
    sys.stderr.write(f"{terminal(words)}\n")
    sys.stderr.flush()


def show(error: GongkaiError, say: Callable[[Message], str]) -> None:
    """A refusal: what, every reason and finding, and at the end what to do."""
    tell(say(msg("error: {says}", says=error.says)))
    if isinstance(error, Refused):
        for reason in error.reasons:
            tell(f"  - {say(reason)}")
        for finding in error.findings[:SHOWN]:
            place = finding.place
            tell(f"  - {place.path}:{place.line}:{place.column}: {finding.code} {say(finding.message)}")
            tell(f"      → {say(finding.hint)}")
        if len(error.findings) > SHOWN:
            tell(
                say(
                    msg(
                        "  … and {count} more; `gongkai check` shows them all",
                        count=len(error.findings) - SHOWN,
                    )
                )
            )
    tell(f"  → {say(error.hint)}")


def bug(error: Exception, say: Callable[[Message], str]) -> None:
    """A fault of our own: named, with its log."""
    log, kind = str(write_bug(error)), type(error).__name__
    tell(say(msg("internal fault ({kind}); the details are in {log}", kind=kind, log=log)))


def note(error: GongkaiError, refs: str, now: datetime, folder: Path) -> None:
    """Keep a refused attempt in a log of its own: the ledger holds what happened, not what was tried (gate.md, property 14).

    Who, when, which ref, which rules and reasons; never the text that was refused. A log that cannot be written stops nobody.
    """
    reasons = [english(reason) for reason in error.reasons] if isinstance(error, Refused) else []
    codes = sorted({f.code for f in error.findings}) if isinstance(error, Refused) else []
    row = {
        "time": now.isoformat(timespec="seconds"),
        "user": os.environ.get("GONGKAI_USER") or os.environ.get("GL_USER") or "",
        "refs": refs[:1000],
        "says": english(error.says)[:1000],
        "reasons": [reason[:1000] for reason in reasons[:50]],
        "rules": codes,
    }
    with suppress(OSError):
        path = folder / LOG
        path.parent.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > MOST:
            path.replace(path.with_name(f"{path.name}.1"))
        with path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row, ensure_ascii=True) + "\n")
