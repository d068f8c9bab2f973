"""A fresh portal, the command line, and where the real documents stand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gongkai.cli.main import cli
from gongkai.store.resources import template_root

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """A portal as `gongkai init` makes it."""
    root = tmp_path / "portal"
    for part in ("schemas", "site_config"):
        shutil.copytree(template_root() / part, root / part)
    (root / "content").mkdir()
    return root


@pytest.fixture
def run(portal: Path) -> Callable[..., Result]:
    """Run a command of `gongkai` in the portal."""

    def call(*args: object, lang: str = "en") -> Result:
        words = ["--root", str(portal), "--lang", lang, *map(str, args)]
        return CliRunner().invoke(cli, words)

    return call


@pytest.fixture
def errors(run: Callable[..., Result]) -> Callable[..., list[dict[str, Any]]]:
    """The findings of `gongkai check` that are errors."""

    def call(*args: object) -> list[dict[str, Any]]:
        found = json.loads(run("check", "--format", "json", "--quiet", *args).stdout)["findings"]
        return [f for f in found if f["severity"] == "error"]

    return call


@pytest.fixture
def corpora() -> Path:
    """The folder of real documents; the test is skipped, loudly, where it is missing."""
    folder = REPOSITORY.parent / "shared" / "corpora"
    if not folder.is_dir():
        pytest.skip(f"the real documents are not there: {folder}")
    return folder


@pytest.fixture
def maps() -> Path:
    """The maps that we ship as worked examples."""
    return REPOSITORY / "docs" / "import"


@pytest.fixture
def tree(portal: Path) -> Callable[[], dict[str, bytes]]:
    """Every file of the portal with its bytes."""

    def call() -> dict[str, bytes]:
        return {p.relative_to(portal).as_posix(): p.read_bytes() for p in portal.rglob("*") if p.is_file()}

    return call
