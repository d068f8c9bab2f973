"""Bytes to text: UTF-8 only, and a clear word for everything else that Windows and its editors write."""

from __future__ import annotations

import codecs

from gongkai.model.message import Hole


class DecodeFault(Exception):
    """Why bytes are not a text: the key of a reading rule, where (from 1), and the rule's holes."""

    def __init__(self, fault: str, line: int = 1, column: int = 1, **holes: Hole) -> None:
        super().__init__(fault)
        self.fault = fault
        self.line = line
        self.column = column
        self.holes = holes


def decode(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """The text with `\\n` line ends, and the keys of warnings (`bom`). Raises DecodeFault.

    A UTF-8 byte-order mark, which Windows' Notepad writes, is read past with a warning.
    """
    if not raw or raw.isspace():
        raise DecodeFault("empty")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DecodeFault("utf16")
    bom = raw.startswith(codecs.BOM_UTF8)
    body = raw[len(codecs.BOM_UTF8) :] if bom else raw
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(body, error.start) from error
    if "\0" in text:
        raise DecodeFault("binary", *_where(body, body.index(b"\0")))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, ("bom",) if bom else ()


def _not_utf8(raw: bytes, position: int) -> DecodeFault:
    at = _where(raw, position)
    if b"\0" in raw[:8000]:
        return DecodeFault("binary", *at)
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return DecodeFault("encoding", *at)
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in text)
    foreign = sum(ord(c) > 0x7F for c in text)
    return DecodeFault("gbk" if chinese * 2 > foreign else "encoding", *at)


def _where(raw: bytes, position: int) -> tuple[int, int]:
    before = raw[:position]
    return before.count(b"\n") + 1, position - before.rfind(b"\n")
