"""What a schema says against a document, and what is wrong with a schema itself: keys and holes, no words.

Keys of `Fault.keyword` and the holes that each has beside `field` (title), `name` (dotted path), `about`
(what to write, may be empty) and `example` (may be empty):

- `required`, `legacy_required` (a legacy item may lack it: a warning): none further;
- `empty` (the value was left out or blank): `choices` (words, may be empty);
- `unknown` (at the key): `nearest` (a known name or empty), `nearest_title`;
- `type`: `expected`, `found` (messages), `value`;
- `choice`: `choices` (words: codes with labels), `nearest` (a code or empty), `value`;
- `pattern`, `date`, `time`, `email`, `uri`, `form` (anything else that does not fit): `value`;
- `length_short`, `length_long`, `too_few`, `too_many`, `too_small`, `too_large`: `limit`, `actual`, `value`;
- `repeated`: `value`;
- `retention` (shorter than the type's): `value`, `least` (words);
- `deadline` (no date from which the deadline counts): `stage` (message), `fields` (words).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.model.finding import Place
from gongkai.model.item import Pointer
from gongkai.model.message import Hole

Schema = Mapping[str, Any]
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One cause: the key of a schema rule, where in the document, the rule's holes.

    `at_key`: the place is that of the key, not of its value. The pointer of a missing field ends with its
    name.
    """

    keyword: str
    pointer: Pointer
    holes: Mapping[str, Hole] = field(default_factory=dict)
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """A schema file that is itself wrong.

    Keys of `keyword` and their holes: `text` (not UTF-8), `json` (`reason`), `repeated` (a key twice:
    `name`), `schema` (not valid JSON Schema 2020-12: `value`), `reference` (`value` leads nowhere), `unknown`
    (no such keyword: `name`, `nearest`), `value` (of an own keyword: `name`, `value`), `misplaced` (an own
    keyword deep inside: `name`), `labels` (they differ from the enumeration), `field` (an own keyword names a
    field that the type lacks: `name`, `value`), `type_name` (the constant of `type` is not the file's name:
    `value`, `name`), `dialect` (a pattern that not all validators read alike: `value`).
    """

    path: str
    keyword: str
    pointer: Pointer = ()
    line: int = 1
    column: int = 1
    holes: Mapping[str, Hole] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Where in the file."""
        return Place(self.path, self.line, self.column)


def shorten(value: Any) -> str:
    """A value as a reader would recognise it, at most 40 characters on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def dotted(pointer: Pointer) -> str:
    """A pointer as people write it: `attachments[2].title`, entries counted from 1."""
    out = ""
    for step in pointer:
        out += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if out else str(step)
    return out
