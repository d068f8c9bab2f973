"""What is kept where there is no room for it."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

NO_ROOM = f"""
import os, resource, signal, sys
from pathlib import Path
from gongkai.store.kept import Kept

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, {resource.RLIM_INFINITY}))
kept = Kept(Path(sys.argv[1]))
open_files = len(os.listdir("/proc/self/fd"))
for number in range(100):
    kept.put("kind", {{str(number): b"value"}})
    assert kept.get("kind", str(number)) is None
sys.stdout.write(str(len(os.listdir("/proc/self/fd")) - open_files))
"""


def test_where_there_is_no_room_nothing_is_kept_and_no_file_stays_open(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, tmp_path / "kept"], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) == 0
