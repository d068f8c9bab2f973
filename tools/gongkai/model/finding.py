"""A finding: which rule, where, in which words. A report: all findings, sorted, the same for the same input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from gongkai.model.message import Hole, Message


class Severity(StrEnum):
    """How much a finding weighs: an error refuses a submission, a warning is shown to the reviewer."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where: a path in the tree with `/`, line and column counted from 1."""

    path: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule's function yields: a place, the holes of the rule's sentence, the field it is about."""

    place: Place
    holes: Mapping[str, Hole] = field(default_factory=dict)
    field: str = ""
    hint: Message | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit with its rule's code, weight and sentence, ready to be shown in any language."""

    code: str
    severity: Severity
    place: Place
    field: str
    message: Message
    hint: Message


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run, sorted by place and code, and how much was looked at."""

    findings: tuple[Finding, ...] = ()
    items: int = 0
    unread: int = 0

    @classmethod
    def of(cls, findings: Iterable[Finding], items: int = 0, unread: int = 0) -> Report:
        """Sort the findings, so that two runs on the same input give the same bytes."""
        order: list[Finding] = []
        # What is in a sentence's holes is written out only where all else is alike: it takes longer than the rest.
        for _, alike in groupby(sorted(findings, key=_order), key=_order):
            same = list(alike)
            order += same if len(same) == 1 else sorted(same, key=lambda f: str(f.message.holes))
        return cls(tuple(order), items, unread)

    def count(self, severity: Severity) -> int:
        """How many findings have exactly this weight."""
        return sum(f.severity is severity for f in self.findings)

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that weigh `severity` or more."""
        return tuple(f for f in self.findings if severity is Severity.WARNING or f.severity is severity)


def _order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    place = finding.place
    return place.path, place.line, place.column, finding.code, finding.field, finding.message.text
