"""A .pptx file: the words of every slide, of the speaker's notes and the comments."""

from __future__ import annotations

import re

from gongkai.attachments.markup import Paragraphs, values, walk
from gongkai.attachments.office import Package, note_person, read_drawn
from gongkai.attachments.reading import Notes, Refusal


def read_slides(package: Package, notes: Notes) -> None:
    """Read slides in the order of their numbers; hidden slides and notes are traits."""
    if not package.archive.has("ppt/presentation.xml"):
        raise Refusal("damaged", "ppt/presentation.xml")
    for part in package.under(r"ppt/slides/slide\d+\.xml"):
        data, spot = package.read(part), f"slide {_digits(part)}"
        _read_words(data, spot, part, notes)
        for _, _, a in values(data, "sld", name=part):
            if a.get("show") in ("0", "false"):
                notes.trait("hidden-slide", spot)
    for part in package.under(r"ppt/notesSlides/notesSlide\d+\.xml"):
        before = len(notes.parts)
        _read_words(package.read(part), f"notes {_digits(part)}", part, notes)
        if any(
            not p.text.isdigit() for p in notes.parts[before:]
        ):  # the slide's number stands in notes of nothing too
            notes.trait("speaker-notes", f"notes {_digits(part)}")
    for part in package.under(r"ppt/comments/.*\.xml"):
        for tag, text, _ in values(package.read(part), "cm", "text", "t", name=part):
            if tag == "cm":
                notes.trait("comment", part.rpartition("/")[2])
            else:
                notes.part("comment", text)
    for part in package.under(r"ppt/(?:commentAuthors|authors)\.xml"):
        for _, _, a in values(package.read(part), "cmAuthor", "author", name=part):
            note_person(a.get("name", ""), notes)
    read_drawn(package, r"ppt/(?:charts/chart|diagrams/data)\d*\.xml", "drawing", notes)


def _read_words(data: bytes, spot: str, part: str, notes: Notes) -> None:
    walker = Paragraphs(lambda text: notes.part(spot, text), frozenset({"Fallback"}))
    walk(data, walker, part)
    walker.flush()


def _digits(part: str) -> str:
    return "".join(re.findall(r"\d", part.rpartition("/")[2]))
