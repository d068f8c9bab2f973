"""The log of our own bugs: versions and traceback in a file of its own, named on screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gongkai import __version__
from gongkai.store.clock import now


def write_bug(error: BaseException) -> Path:
    """Write what went wrong to a new file in `$GONGKAI_LOG_DIR` or the temporary folder; returns its path."""
    import platform
    import tempfile
    import traceback  # none of them is wanted before something is wrong

    folder = Path(os.environ.get("GONGKAI_LOG_DIR") or tempfile.gettempdir())
    head = f"gongkai {__version__} python {platform.python_version()} {platform.platform()}\n"
    text = f"{head}{now().isoformat()}\n{sys.argv!r}\n\n" + "".join(traceback.format_exception(error))
    handle, name = tempfile.mkstemp(prefix="gongkai-", suffix=".log", dir=folder, text=True)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as sink:
        sink.write(_shown(text))
    return Path(name)


def _shown(text: str) -> str:
    """A traceback quotes what was read; a terminal that shows the log must not obey it."""
    return "".join(c if c.isprintable() or c in "\n\t\u3000" else ascii(c)[1:-1] for c in text)
