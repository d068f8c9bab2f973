"""`make portal`: the sample bureau from files to a portal in the browser, each step shown.

Works in `.portal/` (made anew each time), never in the checkout itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from drafts import write_drafts

from gongkai.store.clock import now

ROOT = Path(__file__).resolve().parents[2]
PLAY = ROOT / ".portal"
PARTS = ("content", "schemas", "site_config", "mkdocs.yml")
GIT = (
    "git",
    "-c",
    "user.name=demonstration",
    "-c",
    "user.email=demo@tide.yundu.example",
    "-c",
    "init.defaultBranch=main",
)


def step(words: str) -> None:
    """Say which step comes now."""
    sys.stdout.write(f"\n== {words}\n")
    sys.stdout.flush()


def call(*args: str | Path, cwd: Path = ROOT, may_fail: bool = False) -> None:
    """Run a command and show it; end here with its exit code when it fails."""
    shown = " ".join(str(a) for a in args).replace(f"{sys.executable} -m gongkai", "gongkai")
    sys.stdout.write(f"$ {shown}\n")
    sys.stdout.flush()
    code = subprocess.run([str(a) for a in args], cwd=cwd, check=False).returncode
    if code and not may_fail:
        sys.exit(
            f"make portal stopped: the step above ended with {code}; mend what it names and run it again"
        )


def gongkai(*args: str | Path, may_fail: bool = False) -> None:
    """Run the product's own command line, as its users do."""
    call(sys.executable, "-m", "gongkai", *args, may_fail=may_fail)


def lay_out() -> Path:
    """A working copy with the sample content as its first commit: what a body starts from."""
    work = PLAY / "work"
    shutil.rmtree(PLAY, ignore_errors=True)
    work.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        shutil.copytree(source, work / part) if source.is_dir() else shutil.copy(source, work / part)
    for args in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "existing content")):
        subprocess.run(
            [*GIT, *args], cwd=work, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        )
    return work


def main() -> None:
    """Play the path; see `make help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=["0", "1"], default="1")
    parser.add_argument("--port", default="8000")
    options = parser.parse_args()
    step("1/4 检查样例门户 · checking the sample bureau's items and settings")
    gongkai("--root", ROOT, "check")
    step("2/4 信息员今天写的几篇稿件 · a few drafts of today, with their due dates")
    work = lay_out()
    today = now().astimezone(ZoneInfo("Asia/Shanghai"))
    for path in write_drafts(work, datetime.date(today)):
        sys.stdout.write(f"   {path}\n")
    gongkai("--root", work, "check")
    step("3/4 构建门户 · building the portal")
    site = PLAY / "site"
    gongkai("--root", work, "build", "--site-dir", site)
    step("4/4 查看 · looking at it")
    if options.serve == "1":
        sys.stdout.write("   按 Ctrl-C 结束 · press Ctrl-C to stop\n")
        gongkai("--root", work, "serve", site, "--port", options.port, may_fail=True)
    else:
        sys.stdout.write(
            f"make portal: the sample portal is built in {site}. Next: make portal (serves it), or make test\n"
        )


if __name__ == "__main__":
    main()
