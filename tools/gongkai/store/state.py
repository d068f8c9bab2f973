"""Where this machine keeps what it must remember between runs, outside the portal's own files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def state_file(root: Path, name: str) -> Path:
    """A file beside git's own (of a clone or a bare repository); of a plain folder in the user's state folder."""
    if (root / ".git").is_dir():
        return root / ".git" / "gongkai" / name
    if (root / "HEAD").is_file() and (root / "objects").is_dir():
        return root / "gongkai" / name
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = hashlib.sha256(str(root.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return home / "gongkai" / folder / name
