"""Zip files from strangers: what they unpack to is bounded before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from gongkai.attachments.archive import BROKEN, vet
from gongkai.attachments.reading import Refusal
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg


def refuse_bomb(path: Path, most: int) -> None:
    """GongkaiError when the zip is broken, has too many parts, or declares more than `most` bytes unpacked.

    What a part declares is what Python's zipfile reads of it at most, so the declared sum is a bound. Parts that lie on
    top of each other or shrink beyond measure are refused as well (attachments/archive.py).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except BROKEN as error:
        raise damaged(path, error) from error
    try:
        vet(parts)
    except Refusal as refusal:
        raise (_locked(path) if refusal.code == "encrypted" else _bomb(path, most)) from refusal
    if sum(part.file_size for part in parts) > most:
        raise _bomb(path, most)


def damaged(path: Path, error: Exception) -> GongkaiError:
    """The error for an office file that cannot be unpacked."""
    return GongkaiError(
        msg("{path} is damaged: {reason}", path=str(path), reason=str(error)[:200]),
        msg("open it in Word, Excel or WPS, save it again, and try again"),
    )


def _bomb(path: Path, most: int) -> GongkaiError:
    return GongkaiError(
        msg("{path} would unpack to more than {limit} MB", path=str(path), limit=most // 1_000_000),
        msg("make its pictures smaller or split the file; if you did not make it, do not open it"),
    )


def _locked(path: Path) -> GongkaiError:
    return GongkaiError(
        msg("{path} is protected by a password", path=str(path)),
        msg("remove the password in Word, Excel or WPS and try again"),
    )
