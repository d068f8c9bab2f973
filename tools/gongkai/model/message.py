"""What the house says: an English sentence with holes, put into the reader's language at the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Words:
    """A name that carries both its languages itself: a field's title, a column, a department."""

    zh: str
    en: str = ""

    def in_language(self, lang: str) -> str:
        """The words in `lang` ("zh…" or anything else), the other language when one is missing."""
        first, second = (self.zh, self.en) if lang.startswith("zh") else (self.en, self.zh)
        return first or second


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence: an English msgid of the catalogue and what goes into its holes."""

    text: str
    holes: Mapping[str, Hole] = field(default_factory=dict)


Hole = str | int | float | date | datetime | Words | Message
Say = Callable[[Message], str]


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's extractor knows
    """Mark `text` as a msgid for the catalogue; it is translated where it is shown."""
    return text


def msg(text: str, /, **holes: Hole) -> Message:
    """Make a message of a msgid already marked for the catalogue (see `N_`), or mark it here."""
    return Message(text, holes)


def fill(text: str, holes: Mapping[str, str]) -> str:
    """Put the holes in; a brace that is no hole stays as it stands, so authored text cannot break it."""
    for name, value in holes.items():
        text = text.replace("{" + name + "}", value)
    return text


def english(message: Message) -> str:
    """The sentence in English: for logs, and where no catalogue is at hand."""
    return fill(message.text, {name: plain(hole, english, "en") for name, hole in message.holes.items()})


def plain(hole: Hole, say: Say, lang: str) -> str:
    """One hole as text in `lang`: messages and words are translated, times are ISO."""
    if isinstance(hole, Message):
        return say(hole)
    if isinstance(hole, Words):
        return hole.in_language(lang)
    if isinstance(hole, date):
        return hole.isoformat()
    return str(hole)
