"""An adopter needs only the installed package: what is in the wheel is enough for a portal."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_alone_makes_checks_and_explains_a_portal(tmp_path):
    args = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
        ROOT,
    ]
    subprocess.run(args, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "PYTHONSAFEPATH": "1"}

    def gongkai(*words):
        call = [sys.executable, "-m", "gongkai", *words]
        return subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    where = subprocess.run(
        [sys.executable, "-c", "import gongkai; print(gongkai.__file__)"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert where.stdout.startswith(str(tmp_path / "installed"))
    assert gongkai("init", "portal").returncode == 0
    assert gongkai("--root", "portal", "check").returncode == 0
    assert "2026-02-25" in gongkai("deadline", "--from", "2026-02-13", "--working-days", "3").stdout
    assert gongkai("--root", "portal", "new", "notice", "--department", "office").returncode == 0
    assert gongkai("--root", "portal", "check").returncode == 1
