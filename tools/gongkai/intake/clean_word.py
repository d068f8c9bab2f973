"""Clean a Word file: changes are accepted, comments and hidden text taken out."""

from __future__ import annotations

import re

from gongkai.intake.clean_package import Element, Parts, attribute, drop_all, local, remove, unwrap

_STORIES = r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|glossary/document)\.xml"
_PROPERTIES = frozenset({"rPr", "pPr", "trPr", "tcPr", "tblPr", "sectPr", "numPr"})
_GOES = re.compile(
    r".*Change|numberingChange|cellIns|cellMerge|comment(?:RangeStart|RangeEnd|Reference)|"
    r"(?:moveFrom|moveTo|customXml\w+)Range(?:Start|End)|annotationRef"
)
_OFF = ("0", "false", "none", "off")
_SETTINGS = frozenset({"rsids", "attachedTemplate", "trackRevisions", "docVars", "mailMerge"})
_RUNS_PROGRAM = re.compile(r"\s*(?:DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b", re.IGNORECASE)


def clean_document(parts: Parts) -> None:
    """Change every part with text in it, and the settings."""
    parts.change(_STORIES, _clean_story)
    parts.change(r"word/settings\.xml", lambda root: drop_all(e for e in root if local(e) in _SETTINGS))
    parts.change(
        r"word/(?:document|styles|settings|numbering|header\d*|footer\d*|footnotes|endnotes)\.xml",
        _drop_sessions,
    )


def _clean_story(root: Element) -> None:
    _accept_deletions(root)
    for element in list(root.iter()):
        name = local(element)
        if name in ("ins", "moveTo"):
            (remove if _is_mark(element) else unwrap)(element)
        elif name and _GOES.fullmatch(name):
            remove(element)
    _take_out_hidden(root)
    _quiet_fields(root)


def _is_mark(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and local(parent) in _PROPERTIES


def _accept_deletions(root: Element) -> None:
    """What was deleted goes; a row or cell marked as deleted goes whole; an emptied paragraph too, if another follows."""
    for element in [e for e in root.iter() if local(e) in ("del", "moveFrom", "cellDel")]:
        parent = element.getparent()
        if parent is None or not _is_mark(element):
            remove(element)
        elif local(parent) in ("trPr", "tcPr"):
            whole = parent.getparent()
            if whole is not None:
                remove(whole)
        else:
            paragraph = next((a for a in element.iterancestors() if local(a) == "p"), None)
            remove(element)
            if paragraph is not None and _is_spare(paragraph):
                remove(paragraph)


def _is_spare(paragraph: Element) -> bool:
    after = paragraph.getnext()
    holds = any(
        local(e) in ("t", "drawing", "pict", "object", "sectPr") for e in paragraph.iter() if not _deleted(e)
    )
    return not holds and after is not None and local(after) == "p"


def _deleted(element: Element) -> bool:
    return any(local(a) in ("del", "moveFrom") for a in element.iterancestors())


def _take_out_hidden(root: Element) -> None:
    """Runs that are not shown go; white letters become visible, since somebody may need them."""
    for run in [e for e in root.iter() if local(e) == "r"]:
        for row in [e for e in run if local(e) == "rPr"]:
            for mark in list(row):
                if local(mark) == "vanish" and attribute(mark, "val") not in _OFF:
                    remove(run)
                elif local(mark) == "color" and attribute(mark, "val").upper() == "FFFFFF" and _on_white(run):
                    remove(mark)


def _on_white(run: Element) -> bool:
    """As attachments/word.py judges it: outside of tables and boxes, on no shading."""
    if any(local(a) in ("tr", "txbxContent") for a in run.iterancestors()):
        return False
    paragraph = next((a for a in run.iterancestors() if local(a) == "p"), None)
    return paragraph is None or not any(local(e) == "shd" for e in paragraph.iter())


def _quiet_fields(root: Element) -> None:
    """Fields that start programs or fetch from elsewhere keep what they showed last."""
    for element in list(root.iter()):
        if local(element) == "instrText" and _RUNS_PROGRAM.match(element.text or ""):
            element.text = ""
        elif local(element) == "fldSimple" and _RUNS_PROGRAM.match(attribute(element, "instr")):
            unwrap(element)


def _drop_sessions(root: Element) -> None:
    """The numbers of editing sessions: they tell which paragraphs were written together."""
    for element in root.iter():
        if isinstance(element.tag, str):
            for key in [k for k in element.attrib if "}rsid" in str(k)]:
                del element.attrib[key]
