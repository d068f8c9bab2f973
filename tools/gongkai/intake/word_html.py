"""A prepared Word file as HTML: mammoth converts, then marks become lists and inner files again."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mammoth
from bs4 import BeautifulSoup, Tag

from gongkai.intake.ooxml import Package
from gongkai.intake.pictures import Album
from gongkai.intake.prepare import CHUNK, CLOSE, LISTED, OPEN, Prepared, prepare
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg

PICTURE = "picture:"
"""How a picture of the album is named in the HTML."""
MAX_CHUNKS_DEEP = 3
_MARK = re.compile(f"\\A\\s*{OPEN}({LISTED}|{CHUNK})(\\d+){CLOSE}")


def to_html(package: Package, prepared: Prepared, album: Album, depth: int) -> BeautifulSoup:
    """The document as HTML whose pictures are in the album and whose marks are lists and chunks again."""

    def keep(image: Any) -> Mapping[str, str]:
        try:
            with image.open() as source:
                picture = album.add(source.read(), " ".join((image.alt_text or "").split()))
        except Exception:  # a picture that is linked, missing or broken costs the picture, not the document
            album.notes.append(msg("a picture was dropped: it is not inside the file"))
            picture = None
        return {"src": f"{PICTURE}{picture.file}" if picture else ""}

    try:
        made = mammoth.convert_to_html(
            prepared.file, convert_image=mammoth.images.img_element(keep), external_file_access=False
        )
    except (
        Exception
    ) as error:  # the converter meets a stranger's file: whatever it raises, the file is at fault
        raise package.damaged(f"{type(error).__name__}: {error}") from error
    lost = sum("w:sym" in message.message for message in made.messages)
    if lost:
        album.notes.append(msg("{count} symbols of special fonts were dropped", count=lost))
    soup = BeautifulSoup(made.value, "html.parser")
    _restore_marks(soup, package, prepared, album, depth)
    return soup


def _restore_marks(
    soup: BeautifulSoup, package: Package, prepared: Prepared, album: Album, depth: int
) -> None:
    for paragraph in soup.find_all(["p", "li", "h1", "h2", "h3", "h4", "h5", "h6"]):
        text = paragraph.find(string=True)
        mark = _MARK.match(str(text)) if text is not None else None
        if mark is None or text is None:
            continue
        text.replace_with(str(text)[mark.end() :])
        if mark[1] == CHUNK:
            paragraph.replace_with(_chunk(package, prepared.chunks[int(mark[2])], album, depth))
        else:
            _list_item(paragraph, int(mark[2]), soup)


def _list_item(paragraph: Tag, number: int, soup: BeautifulSoup) -> None:
    """A numbered paragraph joins the list before it when it counts on from there, or begins a new one."""
    before = paragraph.find_previous_sibling()
    if paragraph.name != "p":
        paragraph.insert(0, f"{number}. ")
        return
    paragraph.name = "li"
    if isinstance(before, Tag) and before.name == "ol" and before.get("data-next") == str(number):
        before.append(paragraph.extract())
        before["data-next"] = str(number + 1)
    elif isinstance(before, Tag) and before.name == "ol":
        paragraph.name = "p"
        paragraph.insert(0, f"{number}. ")
    else:
        made = paragraph.wrap(soup.new_tag("ol", start=str(number)))
        made["data-next"] = str(number + 1)


def _chunk(package: Package, name: str, album: Album, depth: int) -> BeautifulSoup:
    """A file inside the file: Word or HTML is read, anything else refuses the whole document."""
    data = package.parts.get(name)
    if data is None or depth >= MAX_CHUNKS_DEEP:
        raise package.damaged(f"altChunk {name}")
    if data.startswith(b"PK"):
        with tempfile.NamedTemporaryFile(suffix=".docx") as file:
            file.write(data)
            file.flush()
            inner = Package(Path(file.name))
        return to_html(inner, prepare(inner), album, depth + 1)
    kind = name.lower().rpartition(".")[2]
    if kind in ("htm", "html", "xhtml") or (not kind.startswith("xml") and data.lstrip()[:1] == b"<"):
        return BeautifulSoup(data, "html.parser")
    if kind == "txt":
        return _plain_chunk(data)
    raise GongkaiError(
        msg(
            "{path} keeps its text in a part that cannot be read ({part})", path=str(package.path), part=name
        ),
        msg("open it in Word or WPS, save it again as .docx, and try again"),
    )


def _plain_chunk(data: bytes) -> BeautifulSoup:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    soup = BeautifulSoup("", "html.parser")
    for line in text.splitlines():
        paragraph = soup.new_tag("p")
        paragraph.string = line
        soup.append(paragraph)
    return soup
