"""A Word file as the body of an item: through mammoth to HTML, and on to Markdown as everything else."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from gongkai.intake import html
from gongkai.intake.left_out import counted, left_out
from gongkai.intake.ooxml import Package
from gongkai.intake.pictures import Album, Picture
from gongkai.intake.plain import escape
from gongkai.intake.prepare import prepare
from gongkai.intake.propose import Proposal, propose
from gongkai.intake.word_html import PICTURE, to_html
from gongkai.items.read import MAX_BYTES
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, msg
from gongkai.store.process import find, run

MAX_FILE = 50_000_000
MAX_BODY = MAX_BYTES // 2
_OLE = b"\xd0\xcf\x11\xe0"
_NOTE = "note:"


@dataclass(frozen=True, slots=True)
class Document:
    """What a Word file gives: its body, pictures, proposals for fields, and what the officer must know."""

    body: str
    pictures: tuple[Picture, ...]
    proposal: Proposal
    notes: tuple[Message, ...]


def read_word(path: Path, *, keep_title: bool = False) -> Document:
    """Read a .docx file, or a .doc file through LibreOffice. GongkaiError when it cannot be, or is empty.

    The lines that became the title leave the body, unless `keep_title`: the page shows the title already.
    """
    try:
        size, head = path.stat().st_size, path.open("rb").read(8)
    except OSError as error:
        raise GongkaiError(
            msg("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error)),
            msg("check the name and the permissions of the file"),
        ) from error
    if size > MAX_FILE:
        raise GongkaiError(
            msg("{path} is larger than {limit} MB", path=str(path), limit=MAX_FILE // 1_000_000),
            msg("make its pictures smaller in Word, or attach it as a file instead"),
        )
    if head.startswith(_OLE) or path.suffix.lower() == ".doc":
        return _read_doc(path, keep_title)
    if not head.startswith(b"PK"):
        raise GongkaiError(
            msg("{path} is not a Word file", path=str(path)),
            msg("save it as .docx in Word or WPS and try again"),
        )
    return _read_docx(path, keep_title)


def _read_doc(path: Path, keep_title: bool) -> Document:
    """An old .doc file through LibreOffice, with a profile of its own and no network."""
    office = find("soffice") or find("libreoffice")
    if office is None:
        raise GongkaiError(
            msg("{path} is an old Word file (.doc) or protected by a password", path=str(path)),
            msg("save it as .docx without a password in Word or WPS; LibreOffice would let .doc be read too"),
        )
    with tempfile.TemporaryDirectory(prefix="gongkai-word-") as folder:
        args = ["--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
        done = run([office, *args, "--convert-to", "docx", "--outdir", folder, path.absolute()], timeout=120)
        made = Path(folder) / f"{path.stem}.docx"
        if done.code != 0 or not made.is_file():
            raise GongkaiError(
                msg("LibreOffice could not convert {path}", path=str(path)),
                msg("open it in Word or WPS, save it as .docx without a password, and try again"),
            )
        return _read_docx(made, keep_title)


def _read_docx(path: Path, keep_title: bool) -> Document:
    package = Package(path)
    proposal = propose(prepare(package).lines)
    prepared = prepare(package, frozenset() if keep_title else proposal.title_lines)
    album = Album()
    soup = to_html(package, prepared, album, 0)
    body, notes = _to_markdown(soup, album)
    if not body and not proposal.title:
        raise GongkaiError(
            msg("{path} holds no text", path=str(path)),
            msg("it may hold only scanned pictures; attach it as a file, and write the text yourself"),
        )
    if len(body.encode()) > MAX_BODY:
        raise GongkaiError(
            msg("{path} is too long for one item", path=str(path)),
            msg("attach it as a file, or split it into several items"),
        )
    said = (*counted(prepared.counts), *left_out(package), *notes, *album.notes)
    return Document(body, tuple(album.pictures), proposal, _once(said))


def _once(notes: Iterable[Message]) -> tuple[Message, ...]:
    """Each note once, in order."""
    return tuple({f"{note.text}{note.holes}": note for note in notes}.values())


def _to_markdown(soup: BeautifulSoup, album: Album) -> tuple[str, list[Message]]:
    """The body, with footnotes as Markdown writes them at the end."""
    endings = _take_notes(soup)
    made = html.convert(str(soup), picture=_shown)
    notes = list(made.notes)
    parts = [made.markdown]
    for number, definition in endings.items():
        inner = html.convert(definition, picture=_shown)
        parts.append(f"[^{number}]: " + " ".join(inner.markdown.split("\n")))
        notes.extend(inner.notes)
    body = "\n\n".join(part for part in parts if part.strip())
    return (f"{body}\n" if body else ""), notes


def _shown(source: str, alt: str) -> str | None:
    """Pictures by the names of their attachments; the marks of footnotes."""
    if source.startswith(_NOTE):
        return f"[^{source.removeprefix(_NOTE)}]"
    if source.startswith(PICTURE):
        return f"![{escape(alt)}]({source.removeprefix(PICTURE)})"
    return None


def _take_notes(soup: BeautifulSoup) -> dict[str, str]:
    """Cut the converter's list of notes out, and leave marks where they are called."""
    definitions: dict[str, str] = {}
    for item in soup.find_all("li", id=re.compile(r"\A(?:foot|end)note-")):
        number = str(len(definitions) + 1)
        for back in item.find_all("a", href=re.compile(r"\A#(?:foot|end)note-ref-")):
            back.decompose()
        for call in soup.find_all("a", href=f"#{item['id']}"):
            outer = call.parent if isinstance(call.parent, Tag) and call.parent.name == "sup" else call
            outer.replace_with(soup.new_tag("img", src=f"{_NOTE}{number}"))
        definitions[number] = item.decode_contents()
        parent = item.parent
        item.decompose()
        if isinstance(parent, Tag) and parent.find("li") is None:
            parent.decompose()
    return definitions
