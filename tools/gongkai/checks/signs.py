"""Signs that spoil a text although nobody sees them, or although they look right: one look tells whether there is any."""

from __future__ import annotations

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
FIRST_SUSPECT = lazily(f"[{SUSPECT}]")
