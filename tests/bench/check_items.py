"""How long `check` takes, cold, at 1,000 and 10,000 items, beside check-jsonschema on the same front matters.

nox -s bench        prints medians of five runs, seconds and peak memory; every run is a fresh process
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from make_portal import make

RUNS = 5
MEASURE = (
    "import resource,subprocess,sys,time;t=time.perf_counter();"
    "c=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL).returncode;"
    "print(time.perf_counter()-t,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024,c)"
)


def timed(*command: str | Path) -> tuple[float, float, int]:
    """Seconds, peak megabytes and exit code of one run in a fresh process."""
    out = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, command)], capture_output=True, text=True, check=True
    )
    seconds, megabytes, code = out.stdout.split()
    return float(seconds), float(megabytes), int(code)


def row(name: str, count: int, runs: list[tuple[float, float, int]]) -> str:
    """One line of the table."""
    seconds = [r[0] for r in runs]
    return (
        f"{name:28} {count:>7} {statistics.median(seconds):8.2f} s  ({min(seconds):.2f}–{max(seconds):.2f})"
        f" {max(r[1] for r in runs):8.0f} MB  exit {runs[-1][2]}\n"
    )


def front_matters(portal: Path, folder: Path) -> list[Path]:
    """The front matters of the notices as YAML files of their own, for a tool that knows no Markdown."""
    folder.mkdir()
    paths = []
    for path in sorted(portal.glob("content/*/*/*.md")):
        front = path.read_text(encoding="utf-8").split("---\n")[1]
        if "type: notice" in front:
            target = folder / f"{path.stem}.yml"
            target.write_text(front + "body: 正文\n", encoding="utf-8")
            paths.append(target)
    return paths


def main() -> None:
    """Make the portals, run both tools in turn, print the table."""
    peer = shutil.which("check-jsonschema")
    with tempfile.TemporaryDirectory() as folder:
        for count in (1_000, 10_000):
            portal = Path(folder) / f"p{count}"
            make(count, portal)
            files = front_matters(portal, Path(folder) / f"f{count}")
            ours, theirs = [], []
            for _ in range(RUNS):
                ours.append(timed(sys.executable, "-m", "gongkai", "--root", portal, "check", "--quiet"))
                if peer:
                    schema = portal / "schemas/items/notice.schema.json"
                    theirs.append(timed(peer, "--schemafile", schema, *files))
            sys.stdout.write(row("gongkai check", count, ours))
            if theirs:
                sys.stdout.write(row("check-jsonschema (half)", len(files), theirs))
                ratio = statistics.median(r[0] for r in ours) / statistics.median(r[0] for r in theirs)
                sys.stdout.write(
                    f"{'ratio':28} {ratio:16.3f}  (check-jsonschema judges half as many files)\n"
                )
            else:
                sys.stdout.write("check-jsonschema is not installed: pip install -r requirements/bench.txt\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
