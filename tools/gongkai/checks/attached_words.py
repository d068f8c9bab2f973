"""What kinds of files and traits are called."""

from __future__ import annotations

from gongkai.model.message import N_

KINDS = {
    "docx": N_("a Word document"), "xlsx": N_("an Excel workbook"), "pptx": N_("a PowerPoint presentation"),
    "xlsb": N_("a binary Excel workbook"), "doc": N_("an old Word document"), "xls": N_("an old Excel workbook"),
    "ppt": N_("an old PowerPoint presentation"), "pdf": N_("a PDF file"), "odt": N_("an OpenDocument text"),
    "ods": N_("an OpenDocument spreadsheet"), "odp": N_("an OpenDocument presentation"), "ofd": N_("an OFD file"),
    "zip": N_("a zip file"), "rtf": N_("an RTF document"), "text": N_("plain text"), "jpeg": N_("a JPEG picture"),
    "png": N_("a PNG picture"), "gif": N_("a GIF picture"), "webp": N_("a WebP picture"), "tiff": N_("a TIFF picture"),
    "bmp": N_("a BMP picture"),
}  # fmt: skip

WHAT = {
    "crash": N_("the program that opened it broke"),
    "time": N_("reading it took too long"), "memory": N_("reading it took too much memory"),
    "bomb-size": N_("it unpacks to far more than its size"), "bomb-overlap": N_("its parts lie on top of each other"),
    "bomb-parts": N_("it holds {what} parts"), "bomb-depth": N_("its parts are nested without end"),
    "bomb-pixels": N_("the picture unpacks to {what} dots"), "bomb-pages": N_("it has {what} pages"),
    "bomb-text": N_("it holds more text than can be checked"),
    "active": N_("a web page or drawing that can run scripts"), "program": N_("a program"),
    "package": N_("a file packed inside that Word or Excel hands to another program"),
    "old": N_("an old format (.doc, .xls, .ppt)"), "unread-part": N_("a part inside it"),
    "nested-archive": N_("a zip file within a zip file"), "media": N_("sound or film ({what})"),
    "script": N_("a script"), "launch": N_("an order to start another program"),
    "dde": N_("a formula or field that starts another program"),
    "template": N_("a template elsewhere"), "outside": N_("a picture, an object or data elsewhere"),
    "odd-path": N_("a name that leads out of its folder"), "link-entry": N_("a link instead of a file"),
    "repeated-entry": N_("two parts of the same name"),
    "hidden-sheet": N_("a hidden sheet"), "hidden-slide": N_("a hidden slide"),
    "hidden-row": N_("hidden rows"), "hidden-column": N_("hidden columns"),
    "comment": N_("comments"), "speaker-notes": N_("speaker notes"),
    "hidden-text": N_("hidden text"), "white-text": N_("white text"),
    "macro": N_("macros"), "embedded": N_("other files inside"), "workbook-link": N_("links to other workbooks or databases"),
    "pivot-cache": N_("the data behind a pivot table"), "tracked": N_("tracked changes"), "gps": N_("coordinates"),
    "layer": N_("layers that are switched off"), "no-text": N_("pages without text"), "no-words": N_("not a word of text"),
    "damaged": N_("it is damaged"), "encrypted": N_("it is protected by a password"), "entity": N_("it declares XML entities"),
    "empty-file": N_("it is empty"), "unsupported": N_("its kind is not published"), "size": N_("it is larger than 50 MB"),
    "polyglot": N_("a second kind of file"),
    "author": N_("the name {what}"), "camera": N_("the camera's serial number"),
}  # fmt: skip
"""Every trait in words."""
