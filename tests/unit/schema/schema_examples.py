"""What the tests of this folder share: the engine's schemas and the examples found by folder."""

import re
from pathlib import Path

from gongkai.items.config import read_config_file
from gongkai.items.read import read_item
from gongkai.model.item import Item

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "tests" / "examples" / "schemas"
CASES = sorted(p for p in EXAMPLES.glob("*/*") if p.name.startswith(("good-", "bad-")))
_EXPECT = re.compile(r"^# expect: (.+)$", re.MULTILINE)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def expectations(path: Path) -> list[str]:
    found = _EXPECT.search(path.read_text(encoding="utf-8"))
    return sorted(part.strip() for part in found[1].split(";")) if found else []


def read(path: Path):
    """The item or settings file of an example."""
    if path.parent.name.startswith("config-"):
        file, unread = read_config_file(path.name, path.read_bytes())
    else:
        file, unread = read_item(f"content/x/2024/{path.name}", path.read_bytes())
    assert file is not None and not unread, unread
    return file


def document(path: Path):
    file = read(path)
    return file.document() if isinstance(file, Item) else file.data


def schema_path(path: Path) -> str:
    kind = path.parent.name
    if kind.startswith("config-"):
        return f"schemas/config/{kind.removeprefix('config-')}.schema.json"
    return f"schemas/items/{kind}.schema.json"


def line_of(file, fault) -> int:
    """The line of a fault: of its key, its value, or the group around what is missing."""
    if fault.at_key and fault.pointer in file.keys:
        return file.keys[fault.pointer][0]
    at = fault.pointer
    while at and at not in file.marks:
        at = at[:-1]
    return file.marks.get(at, (1, 1))[0]


def told(library, path: Path) -> list[str]:
    """`line 7 required` for every fault of an example, sorted."""
    file = read(path)
    if isinstance(file, Item):
        faults = library.judge(file)
    else:
        faults = library.judge_config(path.parent.name.removeprefix("config-"), file.data)
    return sorted(f"line {line_of(file, fault)} {fault.keyword}" for fault in faults)
