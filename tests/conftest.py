"""What tests share: a real portal in a temporary folder, the command line, the real documents."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gongkai.cli.main import cli

ROOT = Path(__file__).parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory) -> None:
    """What a check of a plain folder keeps goes into a temporary folder, not into the user's cache."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell starts `make test &` deaf to Ctrl-C, and what the tests start would be deaf too."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real documents; the test is skipped, and says so, where it is missing."""
    if not CORPORA.is_dir():
        pytest.skip(f"the real documents are missing: {CORPORA}")
    return CORPORA


@pytest.fixture
def spoilt_word(tmp_path: Path) -> Path:
    """A Word file whose text's compressed bytes are wrong, though its lists of parts are right."""
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<x/>" * 1000)
    raw = bytearray(path.read_bytes())
    start = 30 + len("word/document.xml")
    raw[start : start + 2] = b"\xff\xff"
    path.write_bytes(raw)
    return path


@dataclass
class PortalFolder:
    """A portal on disk that a test may change."""

    root: Path

    def write(self, path: str, text: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def run(self, *args: str, lang: str = "en") -> Result:
        return CliRunner().invoke(cli, ["--root", str(self.root), "--lang", lang, *args])


@pytest.fixture
def portal(tmp_path: Path) -> PortalFolder:
    """A fresh portal, as `gongkai init` makes it."""
    root = tmp_path / "portal"
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    (root / "content").mkdir()
    return PortalFolder(root)


GIT_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "officer", "GIT_AUTHOR_EMAIL": "officer@example.org",
    "GIT_COMMITTER_NAME": "officer", "GIT_COMMITTER_EMAIL": "officer@example.org",
    "GIT_AUTHOR_DATE": "2026-03-01T09:00:00+08:00", "GIT_COMMITTER_DATE": "2026-03-01T09:00:00+08:00",
}  # fmt: skip


@pytest.fixture
def git():
    """Run git in a folder with a fixed author, date and branch name; returns what it wrote."""

    def call(folder: Path, *args: str) -> str:
        done = subprocess.run(
            ["git", "-c", "init.defaultBranch=main", *args],
            cwd=folder, env={**os.environ, **GIT_ENV}, capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout.decode().strip()

    return call
