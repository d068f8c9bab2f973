"""LibreOffice, where it is installed: makes an old office file a new one, in a folder and a process group of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from gongkai.store.process import find

SECONDS = 60.0
MAX_MADE = 50_000_000
_NETLESS = ("unshare", "--user", "--map-current-user", "--net")


def office() -> Path | None:
    """Where LibreOffice's program is; None when it is not installed."""
    return find("soffice") or find("libreoffice")


def convert(raw: bytes, old: str, new: str, *, seconds: float = SECONDS) -> bytes | None:
    """The bytes of an `old` file ("doc") as a `new` one ("docx"); None when LibreOffice is missing, fails or is too slow.

    It runs without network where the system permits that, with a profile of its own, with macros off; whatever it
    started ends with it.
    """
    program = office()
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="gongkai-office-", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / f"file.{old}"
        source.write_bytes(raw)
        args = [
            *_without_network(), str(program), "--headless", "--norestore", "--nolockcheck", "--nodefault",
            f"-env:UserInstallation=file://{folder}/profile", "--convert-to", new, "--outdir", folder, str(source),
        ]  # fmt: skip
        _run(args, folder, seconds)
        made = Path(folder) / f"file.{new}"
        if not made.is_file() or made.stat().st_size > MAX_MADE:
            return None
        return made.read_bytes()


def _without_network() -> tuple[str, ...]:
    if shutil.which("unshare") is None:
        return ()
    probe = subprocess.run([*_NETLESS, "true"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return _NETLESS if probe.returncode == 0 else ()


def _run(args: list[str], folder: str, seconds: float) -> None:
    child = subprocess.Popen(
        args,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder},
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    with contextlib.suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
