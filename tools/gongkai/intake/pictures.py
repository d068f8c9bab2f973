"""The pictures of a Word file as attachments: JPG and PNG as they are, others redrawn as PNG or dropped."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from gongkai.model.message import Message, msg

_KNOWN = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
MAX_PIXELS = 50_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be written beside the item."""

    file: str
    title: str
    data: bytes


@dataclass
class Album:
    """Collects a document's pictures; the same bytes are kept once."""

    pictures: list[Picture] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    def add(self, data: bytes, alt: str) -> Picture | None:
        """Keep a picture and give it a name; None when it cannot be shown, which is noted."""
        known = next((p for p in self.pictures if p.data == data), None)
        if known is not None:
            return known
        made = _as_web(data)
        if made is None:
            self.notes.append(msg("a picture was dropped: it is neither JPG nor PNG and cannot be redrawn"))
            return None
        ending, converted = made
        if converted is not data:
            self.notes.append(msg("picture {number} was redrawn as PNG", number=len(self.pictures) + 1))
        number = len(self.pictures) + 1
        picture = Picture(f"picture-{number}.{ending}", alt or f"图{number}", converted)
        self.pictures.append(picture)
        return picture


def _as_web(data: bytes) -> tuple[str, bytes] | None:
    """The ending and bytes of a picture that browsers show; None when it is broken, huge, or none at all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    return None
                for head, ending in _KNOWN.items():
                    if data.startswith(head):
                        image.verify()
                        return ending, data
                return "png", _redrawn(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None


def _redrawn(image: Image.Image) -> bytes:
    sink = BytesIO()
    mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
    image.convert(mode).save(sink, "PNG", optimize=True)
    return sink.getvalue()
