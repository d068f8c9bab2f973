"""Characters that have no business in a text: private use, control, invisible. Each one is counted.

Private-use characters (U+E000–F8FF and planes 15, 16) mean something only to the program that wrote them:
each becomes `〔?〕`, so that a reader sees that a character is missing. Control and zero-width characters are
removed. A map may say what a character stood for (`characters:`), and then that is put in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gongkai.model.message import Message, msg

PLACEHOLDER = "〔?〕"

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


@dataclass(slots=True)
class Cleaner:
    """Cleans the texts of one row or document and counts what was done.

    `known` says what a character stood for.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    told: int = 0
    private: int = 0
    control: int = 0
    invisible: int = 0
    lost: int = 0

    def clean(self, text: str) -> str:
        """The text: known characters replaced, private ones marked, control and invisible ones dropped."""
        for character, instead in self.known.items():
            self.told += text.count(character)
            text = text.replace(character, instead)
        text = _LINE_ENDS.sub("\n", text)
        text, private = _PRIVATE.subn(PLACEHOLDER, text)
        text, control = _CONTROL.subn("", text)
        text, invisible = _INVISIBLE.subn("", text)
        self.private += private
        self.control += control
        self.invisible += invisible
        self.lost += text.count("\ufffd")
        return text

    def notes(self) -> tuple[Message, ...]:
        """What was done, one sentence each."""
        said = []
        if self.told:
            said.append(msg("{count} characters were replaced as the map says", count=self.told))
        if self.private:
            said.append(
                msg(
                    "{count} private-use characters were replaced by {mark}",
                    count=self.private,
                    mark=PLACEHOLDER,
                )
            )
        if self.control:
            said.append(msg("{count} control characters were removed", count=self.control))
        if self.invisible:
            said.append(msg("{count} invisible characters were removed", count=self.invisible))
        if self.lost:
            said.append(msg("{count} characters were already lost at the source (U+FFFD)", count=self.lost))
        return tuple(said)
