"""The child's side of a reading: a name and bytes in, a reading's bytes out."""

from __future__ import annotations

from gongkai.attachments.reader import read


def answer(name: str, raw: bytes) -> bytes:
    """Read one file (see `store/cage.py`)."""
    return read(raw, name).to_bytes()
