"""What a child process does to itself before it opens a stranger's file, and how it takes work and answers.

Limits of the system bound memory, time, files and processes; where the system permits it, the network is taken away;
and Python's audit events refuse sockets, other programs, and files outside of the child's own folder. Reading begins
only then. Standard library only: this is imported before anything else.
"""

from __future__ import annotations

import contextlib
import os
import re
import struct
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

HEAD = struct.Struct("<IQ")
"""Length of a request's name, length of its bytes; of an answer, the memory's peak in KiB and its length."""
FAILED = b"!"
_SETS_APART = 0x10000000 | 0x40000000  # CLONE_NEWUSER | CLONE_NEWNET
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_MANY_FILES = 128
_READABLE = (
    "/usr/lib",
    "/usr/share",
    "/lib",
    "/lib64",
    "/dev/null",
    "/dev/urandom",
    "/etc/localtime",
    "/etc/mime.types",
)
_FORBIDDEN = frozenset(
    {
        "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
        "os.kill", "os.putenv", "urllib.Request", "webbrowser.open", "ftplib.connect", "smtplib.connect",
    }
)  # fmt: skip
_CHANGES = frozenset(
    {
        "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.truncate",
        "os.utime", "os.setxattr", "os.removexattr", "shutil.rmtree", "shutil.move", "shutil.copyfile",
    }
)  # fmt: skip
Answer = Callable[[str, bytes], bytes]


def main(entry: str, memory: int, seconds: int) -> None:
    """Serve requests on stdin with the function `entry` ("module:function") until stdin ends.

    `memory` bounds the address space in bytes, `seconds` the processor time of one request.
    """
    folder = os.path.realpath(".")
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    apart()
    bound(memory)
    module, _, name = entry.partition(":")
    answer: Answer = getattr(import_module(module), name)
    gauge = _gauge()
    sys.addaudithook(_guard(folder, _readable(folder)))
    _serve(source, sink, answer, seconds, gauge)


def apart() -> None:
    """Die with the parent, and leave the network behind. Where the system refuses, the other walls still stand."""
    with contextlib.suppress(OSError, AttributeError):
        import ctypes  # the parent reads this module too

        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_DIES_WITH_PARENT, 9, 0, 0, 0)
        libc.unshare(_SETS_APART)


def bound(memory: int) -> None:
    """Limit memory (bytes), written files and open files of this process; no core dumps."""
    try:
        import resource
    except ImportError:  # no such limits on Windows; the parent's clock remains
        return
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, memory),
        (resource.RLIMIT_NOFILE, _MANY_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _more_time(seconds: int) -> None:
    """Allow this many seconds of processor time from now on."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        most = int(used.ru_utime + used.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _gauge() -> Callable[[], int]:
    """A function that tells the most memory (KiB) that this process ever held; 0 where that cannot be known.

    getrusage would count what the parent held when it started us.
    """
    try:
        status = Path("/proc/self/status").open("rb")  # noqa: SIM115 - read again after each file
    except OSError:
        return lambda: 0

    def peak() -> int:
        status.seek(0)
        found = re.search(rb"VmHWM:\s*(\d+)", status.read())
        return int(found[1]) if found else 0

    return peak


def _readable(folder: str) -> tuple[str, ...]:
    roots = {folder, *_READABLE, sys.prefix, sys.base_prefix, *(p for p in sys.path if p)}
    return tuple(os.path.realpath(root) for root in roots)


def _inside(path: Any, roots: tuple[str, ...]) -> bool:
    if isinstance(path, int):
        return True
    real = os.path.realpath(os.fsdecode(path))
    return any(real == root or real.startswith(root.rstrip("/") + "/") for root in roots)


def _guard(folder: str, readable: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    """The audit hook: it cannot be taken off again."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            writes = any(c in (mode or "") for c in "wxa+") or bool(
                (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if path is not None and not _inside(path, (folder, "/dev/null") if writes else readable):
                raise PermissionError(f"{event}: {path!r}")
        elif event in _CHANGES:
            if not all(_inside(path, (folder,)) for path in args[:2] if isinstance(path, str | bytes)):
                raise PermissionError(event)
        elif event.startswith("socket.") or event in _FORBIDDEN:
            raise PermissionError(event)

    return hook


def _serve(source: BinaryIO, sink: BinaryIO, answer: Answer, seconds: int, gauge: Callable[[], int]) -> None:
    while len(head := source.read(HEAD.size)) == HEAD.size:
        name, size = HEAD.unpack(head)
        words = source.read(name).decode("utf-8", "replace")
        raw = source.read(size)
        _more_time(seconds)
        try:
            said = answer(words, raw)
        except MemoryError:
            said = FAILED + b"memory"
        except Exception as error:  # whatever a parser throws at a stranger's file is a finding, not our end
            said = FAILED + type(error).__name__.encode()
        sink.write(HEAD.pack(min(gauge(), 2**32 - 1), len(said)))
        sink.write(said)
        sink.flush()
