"""A portal that writes down what a rule asks it: what was found of an item holds as long as the answers stay the same.

A rule may ask for other items by id or path, for files, for the ledger's facts of an item, and whether a day is still to
come. It may not ask this portal for the moment itself, for all items or for what has changed: `Untold`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any, NoReturn, TypeVar

from gongkai.attachments.desk import Readings
from gongkai.checks.portal import Portal
from gongkai.model.corpus import Corpus, FileEntry
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item

Question = tuple[str, str]
Answer = str | bool
Ask = Callable[[str, str], Answer]
Asked = dict[Question, Answer]
_V = TypeVar("_V")


class Untold(Exception):
    """What was asked cannot be written down as one question with one answer."""


class _Dark:
    """Stands where an answer would be: whoever looks at it learns nothing."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Untold(name)

    def __contains__(self, _: object) -> bool:
        raise Untold("contains")


class _Questioned(Mapping[str, _V]):
    """A mapping that writes down which keys were asked for."""

    def __init__(self, kind: str, real: Mapping[str, _V], ask: Ask) -> None:
        self._kind, self._real, self._ask = kind, real, ask

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self._ask(self._kind, key))

    def __getitem__(self, key: str) -> _V:
        if not self._ask(self._kind, key):
            raise KeyError(key)
        return self._real[key]

    def __iter__(self) -> Iterator[str]:
        raise Untold(self._kind)

    def __len__(self) -> int:
        raise Untold(self._kind)


class _WatchedCorpus(Corpus):
    """The corpus of a watched portal: single answers only."""

    def __init__(self, real: Corpus, ask: Ask) -> None:
        self.__dict__.update(
            items=_Dark(), unread=_Dark(),
            files=_Questioned[FileEntry]("file", real.files, ask),
            by_id=_Questioned[Item]("item", real.by_id, ask),
            by_path=_Questioned[Item]("path", real.by_path, ask),
        )  # fmt: skip


@dataclass(frozen=True)
class Watched(Portal):
    """A portal that answers from `real` and writes into `asked`; `answer` gives the answer to a question in short.

    That there is no ledger at all is part of what is kept under: then nobody need ask for each item's facts.
    """

    real: Portal = field(kw_only=True)
    answer: Ask = field(kw_only=True)
    asked: Asked = field(default_factory=dict)

    @classmethod
    def of(cls, real: Portal, answer: Ask) -> Watched:
        """Watch this portal."""
        asked: Asked = {}

        def ask(kind: str, key: str) -> Answer:
            said = asked[kind, key] = answer(kind, key)
            return said

        own: dict[str, Any] = {f.name: getattr(real, f.name) for f in fields(Portal)}
        own |= {
            "corpus": _WatchedCorpus(real.corpus, ask),
            "facts": _Questioned[ItemFacts]("facts", real.facts, ask) if real.facts else {},
            "now": _Dark(), "changed": _Dark(), "standing": None,
            "real": real, "answer": answer, "asked": asked,
        }  # fmt: skip
        return cls(**own)

    def is_to_come(self, day: date) -> bool:
        """See `Portal.is_to_come`."""
        said = self.asked["to come", day.isoformat()] = self.real.is_to_come(day)
        return said

    def is_over(self, day: date) -> bool:
        """See `Portal.is_over`."""
        said = self.asked["over", day.isoformat()] = self.real.is_over(day)
        return said

    @cached_property
    def readings(self) -> Readings:
        """The readings of the watched portal: one child process for both."""
        return self.real.readings
