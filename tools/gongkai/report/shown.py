"""A finding in the reader's language: what every reporter starts from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gongkai.model.finding import Finding, Report
from gongkai.model.message import Say
from gongkai.report.escape import visible

Reporter = Callable[["Sheet"], str]


@dataclass(frozen=True, slots=True)
class Manual:
    """What `explain` knows of a rule, for reporters that carry it along: its name, in English and for its reader."""

    name: str
    says: str
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """One finding in words. `ordinal` counts equal ones, so that fingerprints differ without naming the line."""

    finding: Finding
    message: str
    hint: str
    ordinal: int

    @property
    def fingerprint(self) -> str:
        """A stable mark of the finding: path, rule, field and ordinal, never the line (it moves with every edit)."""
        f = self.finding
        key = "\0".join((f.place.path, f.code, f.field, str(self.ordinal)))
        return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report with the words it is shown in and the manual of its rules."""

    report: Report
    say: Say
    manual: Mapping[str, Manual]

    def lines(self) -> Iterator[Line]:
        """The findings in order, in words without control characters."""
        seen: Counter[tuple[str, str, str]] = Counter()
        for finding in self.report.findings:
            key = (finding.place.path, finding.code, finding.field)
            seen[key] += 1
            yield Line(
                finding,
                visible(self.say(finding.message)),
                visible(self.say(finding.hint)).strip(),
                seen[key],
            )


def path_text(path: str) -> str:
    """A path that can be printed: bytes that are no UTF-8 and control characters are shown as codes."""
    return visible(path.encode("utf-8", "backslashreplace").decode())
