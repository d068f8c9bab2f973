"""Signs that spoil a text although nobody sees them, or although they look right: one look tells whether there is any."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gongkai.checks.traditional import TRADITIONAL
from gongkai.model.lazily import lazily

TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
REORDER = "\u202a-\u202e\u2066-\u2069"
MARKS = "\u200e\u200f\u061c"
JOINERS = "\u200c\u200d"
UNSEEN = "\u00ad\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
PRIVATE = "\ue000-\uf8ff\U000f0000-\U0010fffd"
RADICALS = "\u2e80-\u2fdf\uf900-\ufaff"
ALIEN = "\u0370-\u03ff\u0400-\u04ff"
CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
SUSPECT = f"{TONES}{REORDER}{MARKS}{JOINERS}{UNSEEN}{PRIVATE}{RADICALS}{ALIEN}\ufffd{TRADITIONAL}{CONTROLS}"
"""Any sign that a rule about signs looks at (INJ101, WRD112, WRD114–119)."""
SIGN = "sign"
"""The group of these in a scan (checks/scanned.py)."""
JOINED = "\x1e"
"""The one suspect sign that every scanned text holds: it joins passages (passages.BREAK), so it is counted instead."""
FIRST_SUSPECT = lazily(f"[{SUSPECT}]")
_LONG = 64
_BYTES = ("utf-8", "surrogatepass")


def beginnings() -> Iterator[tuple[bytes, str]]:
    """What each suspect sign begins with in UTF-8: of a long range the first two bytes, which a few more rare signs share."""
    for first, last in re.findall("(.)(?:-(.))?", SUSPECT, re.DOTALL):
        start, end = ord(first), ord(last or first)
        short = end - start < _LONG
        # The last byte of a sign tells 64 of them apart, the one before it 64 times as many.
        steps = range(start, end, 1 if short or start < 0x800 else 64 if start < 0x10000 else 4096)
        for code in (*steps, end):
            if chr(code) != JOINED:
                yield chr(code).encode(*_BYTES)[: None if short else 2], SIGN
