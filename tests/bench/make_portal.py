"""A portal of N generated items, from ../shared/bench/make_corpus.py: the same arguments give the same bytes."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gongkai.items.write import render

ROOT = Path(__file__).resolve().parents[2]
MAKER = ROOT.parent / "shared" / "bench" / "make_corpus.py"
DEPARTMENTS = ("office", "tide", "lighthouse", "ferry", "law", "finance", "personnel", "emergency")
GENRES = {"通知": "notice", "意见": "opinion", "决定": "decision", "办法": "measures", "细则": "rules"}


def rows(count: int) -> list[dict[str, object]]:
    """The corpus' rows; ends with a message when ../shared is missing."""
    if not MAKER.exists():
        sys.exit(f"the corpus maker is missing: {MAKER}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "corpus.jsonl"
        subprocess.run([sys.executable, MAKER, str(count), out], check=True)
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def item(row: dict[str, object], serials: dict[tuple[str, str], int]) -> tuple[str, str]:
    """One row as an item's path and text; odd rows are notices, even ones policies, so that two schemas work."""
    number = int(str(row["number"]))
    department = DEPARTMENTS[number % len(DEPARTMENTS)]
    year = str(row["document_date"])[:4]
    serials[department, year] = serial = serials.get((department, year), 0) + 1
    ident = f"{department}-{year}-{serial:05d}"
    title = str(row["title"])
    common = {
        "id": ident,
        "type": "",
        "title": title,
        "department": department,
        "summary": row["summary"],
    }
    tail = {
        "openness": "proactive",
        "secrecy": "public",
        "document_date": row["document_date"],
        "document_number": row["document_number"],
    }
    if number % 2:
        own = {
            "type": "notice",
            "addressees": "各有关单位",
            "contact": {"name": "值班室", "telephone": "0000-5550100"},
        }
    else:
        genre = next((g for word, g in GENRES.items() if title.endswith(word)), "other")
        own = {
            "type": "policy",
            "issuers": ["云渡市潮汐管理局"],
            "effective_from": row["document_date"],
            "validity": "valid",
            "topics": ["general"],
            "genre": genre,
            "normative": False,
        }
    fields = {
        **common,
        **own,
        **tail,
        "legacy": {
            "first_published_on": row["document_date"],
            "index_number": f"12YD0000TIDE00000X/{year}-{number:05d}",
        },
    }
    body = str(row["body"]).split("参见[", 1)[0]
    return f"content/{department}/{year}/{ident}.md", render(fields, body, form="md")


def make(count: int, folder: Path) -> None:
    """Write the portal into a new folder."""
    folder.mkdir(parents=True)
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    serials: dict[tuple[str, str], int] = {}
    for row in rows(count):
        path, text = item(row, serials)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    make(options.count, options.folder)
