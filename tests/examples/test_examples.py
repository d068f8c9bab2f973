"""Every example of every rule: good finds nothing, bad finds exactly the lines it names."""

import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from gongkai.checks.portal import read_portal
from gongkai.checks.run import run
from gongkai.store.tree import FolderTree

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CASES = sorted(
    p for p in HERE.glob("[A-Z][A-Z][A-Z][0-9][0-9][0-9]-*/*") if p.name.startswith(("good", "bad"))
)
HEAD = re.compile(r"^# (expect|now|path|size): *(.+?)\s*$", re.MULTILINE)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """The engine's schemas and settings with the items of _base; tests lay their example over a copy."""
    root = tmp_path_factory.mktemp("base")
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copytree(HERE / "_base" / "content", root / "content")
    return root


def _lay(case, root):
    """Put the example into the portal; returns what its head says and the (path, line) that it expects."""
    if case.is_dir():
        shutil.copytree(case, root, dirs_exist_ok=True, symlinks=True)
        for name in (root / "remove.txt").read_text().split() if (root / "remove.txt").exists() else ():
            (root / name).unlink()
        wanted = root / "expect.txt"
        lines = wanted.read_text(encoding="utf-8").split() if wanted.exists() else []
        now = root / "now.txt"
        head = {"now": now.read_text().strip()} if now.exists() else {}
        return head, {(p, int(n)) for p, _, n in (line.rpartition(":") for line in lines)}
    text = case.read_bytes().decode("utf-8", "replace")
    head = dict(HEAD.findall(text))
    named = re.search(r"^id: *'?\"?([a-z][a-z0-9-]*-\d{4}-\d{5})", text, re.MULTILINE)
    name = named[1] if named else "office-2026-00001"
    department, year, _ = name.rsplit("-", 2)
    path = head.get("path") or f"content/{department}/{year}/{name}{case.suffix}"
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(case, root / path)
    if "size" in head:
        with (root / path).open("ab") as sink:
            sink.write(b"\n" * (int(head["size"]) - len(text.encode())))
    return head, {(path, int(n)) for n in head["expect"].split(",")} if "expect" in head else set()


@pytest.mark.parametrize("case", CASES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_example(case, base, tmp_path):
    root = tmp_path / "portal"
    shutil.copytree(base, root)
    head, expected = _lay(case, root)
    now = datetime.fromisoformat(head.get("now", "2026-03-02T09:00:00+08:00"))
    report = run(read_portal(FolderTree(root), now=now))
    code = case.parent.name.partition("-")[0]
    found = {(f.place.path, f.place.line) for f in report.findings if f.code == code}
    if case.name.startswith("good"):
        assert found == set()
    else:
        assert found, [f"{f.place.path}:{f.place.line} {f.code}" for f in report.findings]
        assert not expected or found == expected
