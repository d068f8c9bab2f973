"""How large a picture is, said beside it: the browser keeps its place free, and nothing jumps while one reads."""

from __future__ import annotations

import io
from html import escape

from gongkai.portal.references import ItemLinks

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)
"""The EXIF tag of a camera's position, and the positions that swap width and height."""
Size = tuple[int, int]


def sized(html: str, links: ItemLinks) -> str:
    """The HTML with the width and height of every picture of the item's own."""
    for name in links.used:
        start = f'<img src="{escape(links.file(name))}"'
        size = size_of(name, links) if start in html else None
        if size:
            html = html.replace(start, f'{start} width="{size[0]}" height="{size[1]}"')
    return html


def size_of(name: str, links: ItemLinks) -> Size | None:
    """Width and height in pixels as a browser shows it; None for what is no picture. Only the file's head is read."""
    from PIL import Image, UnidentifiedImageError  # most items show no picture

    data = links.site.portal.tree.read(f"{links.item.folder}/{name}")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            width, height = picture.size
            turned = picture.getexif().get(_ORIENTATION) in _TURNED
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (height, width) if turned else (width, height)
