"""`make portal`: the sample bureau from an officer's draft to the public page, through the gate, each step shown.

Everything lives in `.portal/` and is made anew each time: a server's bare repository, a clone for every person who acts
(with an SSH key made on the spot), and the built site. Only the product's own commands are used.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from drafts import write_drafts

from gongkai.store.clock import now
from gongkai.store.signing import make_key

ROOT = Path(__file__).resolve().parents[2]
PLAY = ROOT / ".portal"
SERVER = PLAY / "server.git"
PARTS = ("content", "schemas", "site_config", "mkdocs.yml")
STEPS = 7


def step(number: int, words: str) -> None:
    """Say which step comes now."""
    sys.stdout.write(f"\n== {number}/{STEPS} {words}\n")
    sys.stdout.flush()


def gongkai(*args: str | Path, cwd: Path = ROOT, fails: int = 0, quiet: bool = False) -> str:
    """Run the product's command line as its users do, and show it; returns its standard output.

    `quiet` keeps its words back unless it fails; `fails` is the exit code that is expected.
    """
    words = " ".join(str(a) if " " not in str(a) else f"“{a}”" for a in args).replace(f"{PLAY}/", ".portal/")
    sys.stdout.write(f"$ gongkai {words}\n")
    sys.stdout.flush()
    done = subprocess.run(
        [sys.executable, "-m", "gongkai", *map(str, args)],
        cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE if quiet else None, text=True, check=False,
    )  # fmt: skip
    if quiet and done.returncode != fails:
        sys.stdout.write(done.stderr)
    if not quiet and done.stdout:
        sys.stdout.write(re.sub("^", "  ", done.stdout.rstrip("\n"), flags=re.MULTILINE) + "\n")
    if done.returncode != fails:
        sys.exit(
            f"make portal stopped: the step above ended with {done.returncode}; mend what it names and run it again"
        )
    return done.stdout


def lay_out() -> Path:
    """The portal a body starts from: the sample content, and a key for every person, made on the spot."""
    shutil.rmtree(PLAY, ignore_errors=True)
    portal = PLAY / "portal"
    portal.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, portal / part)
        else:
            shutil.copy(source, portal / part)
    people = portal / "site_config" / "people.yml"
    text = people.read_text(encoding="utf-8")
    for code in re.findall(r"^  - code: (\S+)$", text, re.MULTILINE):
        line = make_key(PLAY / "keys" / code, code)
        block = re.compile(rf"(^  - code: {re.escape(code)}\n(?:    .*\n)*?    ssh_keys: )\[\]", re.MULTILINE)
        text = block.sub(lambda match, line=line: f'{match[1]}["{line}"]', text)
    people.write_text(text, encoding="utf-8")
    return portal


def desk(person: str) -> Path:
    """A person's own clone; made on first use."""
    folder = PLAY / "desks" / person
    if not folder.exists():
        gongkai("setup", SERVER, folder, "--person", person, "--key", PLAY / "keys" / person, quiet=True)
    return folder


def submit(person: str, paths: list[str], drafts: Path, *, name: str) -> str:
    """Put drafts on an officer's desk and submit them; returns the submission's number from the receipt."""
    folder = desk(person)
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(drafts / path, folder / path)
        attached = (drafts / path).with_suffix("")
        if attached.is_dir():
            shutil.copytree(attached, (folder / path).with_suffix(""), dirs_exist_ok=True)
    out = gongkai("--root", folder, "submit", *paths, "--name", name)
    found = re.search(r"S-\d{4}-\d{5}", out)
    if found is None:
        sys.exit("make portal stopped: the submission brought no receipt")
    return found[0]


def approve(number: str, *people: str) -> None:
    """Each person looks at the submission and approves it."""
    for person in people:
        folder = desk(person)
        gongkai("--root", folder, "review", "show", number, "--no-page", quiet=True)
        gongkai("--root", folder, "review", "approve", number)


def reviewers() -> dict[str, str]:
    """Who fills which step in the sample bureau, by role."""
    text = (ROOT / "site_config" / "people.yml").read_text(encoding="utf-8")
    blocks = re.findall(r"^  - code: (\S+)\n((?:    .*\n)*)", text, re.MULTILINE)
    found: dict[str, str] = {}
    for code, block in blocks:
        for role in re.findall(r"\w+", "".join(re.findall(r"roles: \[(.*)\]", block))):
            found.setdefault(role, code)
    return found


def play(today: date) -> Path:
    """The whole path; returns the folder of the built site."""
    step(1, "检查样例门户 · checking the sample bureau's items and settings")
    gongkai("--root", ROOT, "check")
    step(
        2,
        "建立服务器仓库，现有内容入台账 · the server's repository; present content becomes the recorded genesis",
    )
    portal = lay_out()
    gongkai("server", "init", SERVER, "--from", portal)
    drafts = PLAY / "drafts"
    shutil.copytree(portal, drafts)
    paths = list(write_drafts(drafts, today))
    by_department: dict[str, list[str]] = {}
    for path in paths:
        by_department.setdefault(path.split("/")[1], []).append(path)
    step(3, "信息员报送 · officers submit; each gets a receipt")
    numbers = {d: submit(f"{d}-officer", files, drafts, name="today") for d, files in by_department.items()}
    roles = reviewers()
    step(4, "退回一件，修改后再报 · one is returned with a reason, mended and submitted again")
    returned = "tide" if "tide" in numbers else next(iter(numbers))
    folder = desk(f"{returned}-head")
    gongkai("--root", folder, "review", "show", numbers[returned], "--no-page")
    gongkai("--root", folder, "review", "return", numbers[returned], "--reason", "请补充一句说明")
    for path in by_department[returned]:
        with (drafts / path).open("a", encoding="utf-8") as file:
            file.write("\n以上情况，已在办公室备案。\n")
    submit(f"{returned}-officer", by_department[returned], drafts, name="today")
    step(5, "审核同意，最后一个同意使其入库 · approvals; the last one makes the server accept")
    for department, number in numbers.items():
        people = [f"{department}-head", roles["office"]]
        if department == "lighthouse":  # the policy needs a leader and a secrecy review as well
            people += [roles["secrecy"], roles["leader"]]
        approve(number, *people)
    step(
        6,
        "审计：任何副本都能验证 · the audit, on any clone; then the build from main with the ledger's dates",
    )
    gongkai("audit", "--repo", desk("tide-officer"))
    gongkai("server", "published", SERVER)
    site, kept = PLAY / "site", PLAY / "publisher"
    key = PLAY / "keys" / "publisher"
    gongkai("audit", "countersign", "--repo", desk("tide-officer"), "--key", key, "--state", kept)
    gongkai("--root", PLAY, "build", "--repo", SERVER, "--checkpoints", kept, "--site-dir", site)
    return site


def main() -> None:
    """Play the path; see `make help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=["0", "1"], default="1")
    parser.add_argument("--port", default="8000")
    options = parser.parse_args()
    os.environ.setdefault("GONGKAI_LANG", "zh")
    site = play(datetime.date(now().astimezone(ZoneInfo("Asia/Shanghai"))))
    step(7, "查看 · looking at it")
    if options.serve == "1":
        sys.stdout.write("   按 Ctrl-C 结束 · press Ctrl-C to stop\n")
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", "gongkai", "serve", site, "--port", options.port], check=False)
    else:
        sys.stdout.write(
            f"make portal: the sample portal is built in {site}. Next: make portal (serves it), or make test\n"
        )


if __name__ == "__main__":
    main()
