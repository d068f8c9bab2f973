"""The same items for everybody: the Markdown files of a portal by make_portal, as each peer reads them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SITES = Path(__file__).parent / "peer_sites"
COLUMNS = {"notice": "notices", "policy": "policies"}
MARK = re.compile(r"\n+本条为第\d+次修改。\n\Z")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Document:
    """One item of the portal: where it stands (department/year/serial), its fields, its text, the whole file."""

    place: str
    fields: dict[str, Any]
    body: str
    whole: str


def documents(portal: Path) -> Iterator[Document]:
    """All items of the portal, by name."""
    for path in sorted(portal.glob("content/*/*/*.md")):
        whole = path.read_text(encoding="utf-8")
        _, front, body = whole.split("---\n", 2)
        department, year, serial = path.stem.rsplit("-", 2)
        yield Document(f"{department}/{year}/{serial}", yaml.load(front, _LOADER), body, whole)


def titles(portal: Path, what: str) -> dict[str, tuple[str, str]]:
    """Titles and descriptions of the portal's departments or columns, by code."""
    rows = yaml.load((portal / "site_config" / f"{what}.yml").read_text(encoding="utf-8"), _LOADER)[what]
    return {row["code"]: (row["title"]["zh"], row.get("description", "")) for row in rows}


def hugo(portal: Path, folder: Path) -> None:
    """A Hugo site: our templates, a page bundle for each department and column in use, an item a file."""
    shutil.copytree(SITES / "hugo", folder)
    for document in documents(portal):
        fields = dict(document.fields)
        front = {
            "title": fields.pop("title"),
            "date": fields["document_date"],
            "summary": fields.pop("summary"),
            "departments": [fields.pop("department")],
            "columns": [COLUMNS[fields["type"]]],
            "params": {"index_number": fields.pop("legacy")["index_number"], **fields},
        }
        _write(folder / "content" / f"{document.place}.md", _front(front) + document.body)
    for what in ("departments", "columns"):
        for code, (title, description) in titles(portal, what).items():
            if what == "departments" or code in COLUMNS.values():
                front = {"title": title, "description": description}
                _write(folder / "content" / what / code / "_index.md", _front(front))


def mkdocs(portal: Path, folder: Path) -> None:
    """A folder for MkDocs and for Zensical: the items as they are, and a home page."""
    shutil.copytree(SITES / "mkdocs", folder)
    _write(folder / "docs/index.md", "# 首页\n\n云渡市潮汐管理局政府信息公开。\n")
    for document in documents(portal):
        _write(folder / "docs" / f"{document.place}.md", document.whole)


def front_matters(portal: Path, folder: Path) -> dict[str, list[str]]:
    """The items' fields as YAML files of their own, by type, for a tool that knows no Markdown; names in the folder."""
    found: dict[str, list[str]] = {}
    for document in documents(portal):
        front = document.whole.split("---\n", 2)[1]
        name = document.place.replace("/", "-") + ".yml"
        _write(folder / name, front + "body: 正文\n")
        found.setdefault(document.fields["type"], []).append(name)
    return found


def change(file: Path, number: int) -> str:
    """Change one item as an officer would, by a last paragraph; returns the words that its page must show now."""
    text = MARK.sub("", file.read_text(encoding="utf-8")).rstrip("\n")
    words = f"本条为第{number}次修改。"
    file.write_text(f"{text}\n\n{words}\n", encoding="utf-8")
    return words


def _front(fields: dict[str, Any]) -> str:
    return (
        f"---\n{yaml.dump(fields, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100_000)}---\n"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
