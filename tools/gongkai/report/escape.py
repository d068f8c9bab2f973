"""What others wrote, made fit for one place each: a terminal, a CI log, JSON, CSV, XML, ICS, a header of a mail.

One function for each place, named after it. Pages have their own two: Jinja's autoescape and the sanitiser of
`portal/markdown.py`. A text that went through the wrong function is as dangerous as one that went through none.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from gongkai.model.lazily import lazily

_UNSEEN = lazily("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")
"""Controls, line separators, direction marks, halves of characters: obeyed by a terminal, or by nobody alike."""
_FORGED = lazily(r"##(?=(?:vso|teamcity)?\[)")
"""How GitHub's and Azure's runners and TeamCity know a command anywhere in a line of the log (`##[add-mask]x`)."""
_FORGED_START = lazily(r"^(\s*):(?=:)")
"""GitHub's other form, at the start of a line only (`::error::x`)."""
_JSON_UNSEEN = lazily("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]")
_IN_SCRIPTS = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"))
_NO_XML = lazily("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (§2.2) has no way to write."""
_XML = str.maketrans(
    {
        "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;",
        "\r": "&#13;", "\n": "&#10;", "\t": "&#9;",
    }
)  # fmt: skip
_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
_BLANKS = lazily("^[\\s\x00-\x20\ufeff\u200b-\u200f\u2060]+")
_NUMBER = lazily(r"[+-]?[0-9]+(?:\.[0-9]+)?%?\Z")
_CELL_RISKY = lazily(f",[ {re.escape(_FORMULA)}]")
"""Where a cell may begin that has to go through `csv_cell`, in a printable line: no blank but a space is printable."""
_ICS_LINE = 75 - len(" ")
"""All but the first line begin with a space."""
_ICS_ESCAPES = "\\^"
"""What begins an escape, in a text or in a parameter; some calendars take no line that ends with one."""


def visible(text: str) -> str:
    """The text on one line; what would be obeyed instead of shown stands there as <U+XXXX>."""
    if text.isprintable():  # quick, and true of nearly all: what is unseen is not printable
        return text
    flat = text.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    return _UNSEEN.sub(lambda m: f"<U+{ord(m[0]):04X}>", flat)


def terminal(text: str) -> str:
    """One line for a terminal, a log or git's `remote:` lines; a CI runner finds no command of its own in it."""
    return no_command(unforged(visible(text)))


def no_command(line: str) -> str:
    """A finished line (a table may have broken it there) that does not begin with a CI runner's command."""
    return _FORGED_START.sub(r"\1<U+003A>", line) if "::" in line else line


def unforged(text: str) -> str:
    """The text without what a CI runner takes for a command anywhere in a line."""
    return _FORGED.sub("#<U+0023>", text) if "##" in text else text


def file_name(name: str) -> str:
    """A file's name as one line for a terminal; bytes that are no UTF-8 are shown as codes."""
    return terminal(name.encode("utf-8", "backslashreplace").decode())


def json_text(data: Any, *, indent: int | None = 2) -> str:
    """Data as JSON (RFC 8259) that can be printed: the same data for a parser, harmless for whoever looks at it.

    Half characters, which no UTF-8 file can hold, become U+FFFD.
    """
    plain = json_plain(data) if indent is None else json.dumps(data, ensure_ascii=False, indent=indent)
    return json_printed(plain)


json_string = json.encoder.encode_basestring
"""A text alone as JSON, as `json_plain` writes it."""
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_MAKE: Any = getattr(json.encoder, "c_make_encoder", None)
_WRITE = _MAKE and _MAKE(None, _ENCODER.default, json_string, None, ": ", ", ", False, False, True)
"""What `_ENCODER` makes for each text anew, made once; None where Python has no C part for it."""


def json_plain(data: Any) -> str:
    """Data as JSON on one line; what is put together of such pieces goes through `json_printed` or `json_script` as a whole."""
    return "".join(_WRITE(data, 0)) if _WRITE else _ENCODER.encode(data)


def json_printed(text: str) -> str:
    """Finished JSON as `json_text` writes it."""
    if not text.isprintable():  # as `visible`: most texts on one line are
        text = _JSON_UNSEEN.sub(lambda m: f"\\u{ord(m[0]):04x}", _whole(text))
    # One sign alone is found many times faster than two, and is in few texts.
    return _FORGED.sub(r"#\\u0023", text) if "#" in text and "##" in text else text


def _whole(text: str) -> str:
    """The text without halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def json_script(text: str) -> str:
    """Finished JSON inside `<script type="application/ld+json">`: nothing in it can end the element or open a comment."""
    text = json_printed(text)
    for sign, code in _IN_SCRIPTS:
        if sign in text:  # most often not: it is looked for many times faster than it is replaced
            text = text.replace(sign, code)
    return text


def csv_cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV Injection): an apostrophe goes before it.

    Plain numbers stay numbers (`-3.5`, `+8%`); control characters but the line's end are shown as codes.
    """
    if not value or (value.isprintable() and value[:1].isalnum()):
        return value
    lines = value if value.isprintable() else value.replace("\r\n", "\n").replace("\r", "\n")
    text = lines if lines.isprintable() else "".join(c if c in "\n\t" else visible(c) for c in lines)
    start = _BLANKS.sub("", value)[:1]
    risky = start in _FORMULA if start else False
    return f"'{text}" if (risky and not _NUMBER.match(value)) or value[:1] in ("\t", "\r") else text


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV (RFC 4180: CRLF, quotes doubled), each cell through `csv_cell`."""
    return "".join(map(_csv_line, rows))


def _csv_line(cells: Sequence[str]) -> str:
    line = ",".join(cells)
    # Most rows need neither quotes nor an apostrophe: they are looked at as a whole, in half the time.
    plain = line.isprintable() and '"' not in line and line.count(",") == len(cells) - 1
    if line and plain and not _CELL_RISKY.search(f",{line}"):
        return f"{line}\r\n"
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="\r\n").writerow([csv_cell(cell) for cell in cells])
    return sink.getvalue()


def xml_chars(text: str) -> str:
    """The text with U+FFFD for what XML cannot hold; for writers that escape by themselves."""
    return _NO_XML.sub("\ufffd", text)


def xml_text(text: str) -> str:
    """Text for an element or a quoted attribute of XML (Atom, RSS, a sitemap)."""
    return xml_chars(text).translate(_XML)


def xml_log(document: str) -> str:
    """A finished XML document that is printed in a CI log: a runner's command in it is written otherwise."""
    return _FORGED.sub("#&#35;", document)


def ics_text(text: str) -> str:
    """A TEXT value of iCalendar (RFC 5545 §3.3.11); controls, which it does not allow, become U+FFFD."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    escaped = lines.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return re.sub("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", "\ufffd", escaped)


def ics_parameter(text: str) -> str:
    """A quoted parameter value of iCalendar (RFC 6868 for what a quoted string cannot hold)."""
    flat = text.replace("\r\n", "\n").replace("\r", "\n")
    carets = flat.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return '"' + re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", "\ufffd", carets) + '"'


def ics_line(name: str, value: str) -> str:
    """One content line, folded at 75 bytes (RFC 5545 §3.1) without cutting a character or an escape; `value` is ready."""
    lines, room = [""], _ICS_LINE
    for character in f"{name}:{value}":
        size = len(character.encode())
        if room < size:
            begun = lines[-1][-1] if lines[-1][-1] in _ICS_ESCAPES else ""
            lines[-1] = lines[-1].removesuffix(begun)
            lines.append(begun)
            room = _ICS_LINE - len(begun)
        lines[-1] += character
        room -= size
    return "\r\n ".join(lines) + "\r\n"


def github_message(text: str) -> str:
    """The message of a workflow command, as the runner unescapes it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def github_property(text: str) -> str:
    """A property (`file=`, `title=`) of a workflow command."""
    return github_message(text).replace(":", "%3A").replace(",", "%2C")


def sarif_text(text: str) -> str:
    """A message of SARIF 2.1.0: no brace is a placeholder (§3.11.5), nothing authored a link (§3.11.6)."""
    braces = text.replace("{", "{{").replace("}", "}}")
    return re.sub(r"[\\\[\]]", r"\\\g<0>", braces) if "](" in braces else braces


def header(text: str) -> str:
    """A subject or another header of a mail: one line, whatever it was."""
    return visible(text).strip()
