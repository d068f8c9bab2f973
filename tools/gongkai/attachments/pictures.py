"""Pictures: whole or damaged, how large when unpacked, and what the camera wrote into them."""

from __future__ import annotations

import re
import struct
import warnings
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import IFD

from gongkai.attachments.reading import Notes, Refusal, masked

MAX_PIXELS = 80_000_000
MAX_FRAMES = 500
FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "tiff": "TIFF", "bmp": "BMP"}
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    IndexError,
    struct.error,
    EOFError,
    OverflowError,
    AttributeError,
)
_ARTIST, _OWNER, _SERIAL, _LENS_SERIAL, _AUTHOR = 0x013B, 0xA430, 0xA431, 0xA435, 0x9C9D
_XMP_GPS = re.compile(rb"exif:GPSLatitude\b")


def read_picture(raw: bytes, kind: str, notes: Notes) -> None:
    """Open and decode a picture once. Refusal when it is damaged or a bomb."""
    try:
        with Image.open(BytesIO(raw), formats=[FORMATS[kind]]) as picture:
            if picture.width * picture.height > MAX_PIXELS or getattr(picture, "n_frames", 1) > MAX_FRAMES:
                raise Refusal("bomb-pixels", "", f"{picture.width}×{picture.height}")
            _note(picture, raw, notes, "")
            picture.draft("L", (max(1, picture.width // 8), max(1, picture.height // 8)))
            picture.load()
    except Image.DecompressionBombError as error:
        raise Refusal("bomb-pixels", "", "".join(re.findall(r"\d{6,}", str(error))[:1])) from error
    except (UnidentifiedImageError, *_BROKEN) as error:
        raise Refusal("damaged", "", str(error)[:80]) from error


def note_traces(raw: bytes, notes: Notes, name: str) -> None:
    """Note what the camera wrote into a picture that stands within another file; a broken one is no matter here."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(raw)) as picture:
            _note(picture, raw, notes, name)
    except (UnidentifiedImageError, Image.DecompressionBombError, *_BROKEN):
        return


def _note(picture: Image.Image, raw: bytes, notes: Notes, name: str) -> None:
    exif: Any = picture.getexif()
    place = exif.get_ifd(IFD.GPSInfo)
    if any(place.get(key) for key in (2, 4)) or _XMP_GPS.search(raw):  # latitude, longitude
        notes.trait("gps", name)
    details = exif.get_ifd(IFD.Exif)
    for value in (exif.get(_ARTIST), exif.get(_AUTHOR), details.get(_OWNER), _said(picture, "Author")):
        text = _text(value)
        if text:
            notes.trait("author", name, masked(text))
    if details.get(_SERIAL) or details.get(_LENS_SERIAL):
        notes.trait("camera", name)


def _said(picture: Image.Image, key: str) -> object:
    return picture.info.get(key)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-16-le", "replace").strip("\0 ")
    return value.strip("\0 ") if isinstance(value, str) else ""
