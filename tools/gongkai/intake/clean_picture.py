"""Clean a picture: what the camera and programs wrote into it goes, its dots stay the same byte for byte."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageSequence

_ORIENTATION = 0x0112
_PNG_GOES = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
_WEBP_GOES = frozenset({b"EXIF", b"XMP "})
_JPEG_STAYS = frozenset({0xE0, 0xEE})
"""APP0 (JFIF) and APP14 (Adobe's colours); of APP2 the colour profile stays as well."""


def clean_picture(raw: bytes, kind: str) -> bytes:
    """The picture without coordinates, names and notes. ValueError when it is not of this kind."""
    if kind == "jpeg":
        return b"".join(_jpeg(raw))
    if kind == "png":
        return raw[:8] + b"".join(_png(raw))
    return _webp(raw) if kind == "webp" else _anew(raw, kind)


def _orientation(raw: bytes) -> int:
    with Image.open(BytesIO(raw)) as picture:
        value = picture.getexif().get(_ORIENTATION, 1)
        return value if isinstance(value, int) and 1 < value < 9 else 1


def _jpeg(raw: bytes) -> Iterator[bytes]:
    """The segments up to the picture's own data, without the ones that tell of it; which way is up is kept."""
    if raw[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG")
    yield raw[:2]
    turned = _orientation(raw)
    if turned != 1:
        exif = Image.Exif()
        exif[_ORIENTATION] = turned
        data = exif.tobytes()
        yield b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data
    at = 2
    while at + 4 <= len(raw) and raw[at] == 0xFF:
        marker, size = raw[at + 1], struct.unpack_from(">H", raw, at + 2)[0]
        if marker == 0xDA:  # from here on the picture itself; what follows its end is cut
            end = raw.rfind(b"\xff\xd9")
            yield raw[at : end + 2] if end > at else raw[at:]
            return
        profile = marker == 0xE2 and raw[at + 4 : at + 15] == b"ICC_PROFILE"
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in _JPEG_STAYS or profile:
            yield raw[at : at + 2 + size]
        at += 2 + size
    raise ValueError("a JPEG without a picture")


def _png(raw: bytes) -> Iterator[bytes]:
    at = 8
    while at + 12 <= len(raw):
        size, kind = struct.unpack_from(">I4s", raw, at)
        if kind not in _PNG_GOES:
            yield raw[at : at + 12 + size]
        if kind == b"IEND":
            return
        at += 12 + size
    raise ValueError("a PNG without an end")


def _webp(raw: bytes) -> bytes:
    if raw[:4] != b"RIFF" or raw[8:12] != b"WEBP":
        raise ValueError("not a WebP")
    made, at = [], 12
    while at + 8 <= len(raw):
        kind, size = struct.unpack_from("<4sI", raw, at)
        body = raw[at : at + 8 + size + (size & 1)]
        if kind == b"VP8X":
            body = body[:8] + bytes([body[8] & ~0x0C]) + body[9:]  # no EXIF, no XMP
        if kind not in _WEBP_GOES:
            made.append(body)
        at += 8 + size + (size & 1)
    data = b"WEBP" + b"".join(made)
    return b"RIFF" + struct.pack("<I", len(data)) + data


def _anew(raw: bytes, kind: str) -> bytes:
    """GIF and TIFF are written anew, frame by frame."""
    with Image.open(BytesIO(raw)) as picture:
        frames = [_bare(frame) for frame in ImageSequence.Iterator(picture)]
        wait = picture.info.get("duration", 0)
    sink = BytesIO()
    first, rest = frames[0], frames[1:]
    if kind == "gif":
        first.save(sink, "GIF", save_all=bool(rest), append_images=rest, duration=wait, loop=0)
    else:
        first.save(sink, "TIFF", save_all=bool(rest), append_images=rest, compression="tiff_deflate")
    return sink.getvalue()


def _bare(frame: Image.Image) -> Image.Image:
    made = frame.copy()
    made.info = {
        k: v for k, v in made.info.items() if k in ("transparency", "icc_profile", "dpi", "background")
    }
    return made
