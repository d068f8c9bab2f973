"""How long `check` takes at 1,000 and 10,000 items, cold and with one file changed, beside check-jsonschema on the same files.

nox -s bench        prints medians of five runs, seconds and peak memory; every run is a fresh process
python tests/bench/check_items.py [--items 10000] [--runs 5]
"""

from __future__ import annotations

import argparse
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


def committed(portal: Path) -> None:
    """The portal as an officer has it: a clone whose files are all committed."""
    for args in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "bench"]):
        subprocess.run(
            ["git", "-c", "user.name=b", "-c", "user.email=b@example.org", *args], cwd=portal, check=True
        )


def main() -> None:
    """Make the portals, run both tools in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, action="append")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    peer = shutil.which("check-jsonschema")
    with tempfile.TemporaryDirectory() as folder:
        for count in options.items or (1_000, 10_000):
            portal = Path(folder) / f"p{count}"
            make(count, portal)
            committed(portal)
            files = front_matters(portal, Path(folder) / f"f{count}")
            paths = sorted(portal.glob("content/*/*/*.md"))
            command = (sys.executable, "-m", "gongkai", "--root", portal, "check", "--quiet")
            ours, again, theirs = [], [], []
            for number in range(options.runs):
                shutil.rmtree(portal / ".git/gongkai", ignore_errors=True)
                ours.append(timed(*command))
                with paths[number].open("a", encoding="utf-8") as file:
                    file.write("\n再加一句。\n")
                again.append(timed(*command))
                if peer:
                    schema = portal / "schemas/items/notice.schema.json"
                    theirs.append(timed(peer, "--schemafile", schema, *files))
            sys.stdout.write(row("gongkai check, cold", count, ours))
            sys.stdout.write(row("gongkai check, one changed", count, again))
            if theirs:
                sys.stdout.write(row("check-jsonschema (half)", len(files), theirs))
                middle = statistics.median(r[0] for r in theirs)
                ratios = [statistics.median(r[0] for r in runs) / middle for runs in (ours, again)]
                sys.stdout.write(
                    f"{'ratios':28} {ratios[0]:8.3f} {ratios[1]:8.4f}  (check-jsonschema judges half as many files)\n"
                )
            else:
                sys.stdout.write("check-jsonschema is not installed: pip install -r requirements/bench.txt\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
