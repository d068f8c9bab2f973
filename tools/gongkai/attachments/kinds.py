"""The kinds of files that go out, and the endings that belong to them. Needs no library: it is read at every start."""

from __future__ import annotations

MAX_FILE = 50_000_000
"""Bytes of the largest attachment that is opened."""

CLEANED = frozenset({"docx", "xlsx", "pptx", "pdf", "jpeg", "png", "webp", "gif", "tiff"})
"""The kinds that `gongkai clean` makes copies of."""

SUFFIXES = {
    "docx": ("docx", "wps"), "xlsx": ("xlsx", "et"), "pptx": ("pptx", "dps"), "xlsb": ("xlsb",),
    "doc": ("doc", "wps"), "xls": ("xls", "et"), "ppt": ("ppt", "dps", "pps"), "pdf": ("pdf",),
    "odt": ("odt",), "ods": ("ods",), "odp": ("odp",), "ofd": ("ofd",), "zip": ("zip",), "rtf": ("rtf", "doc"),
    "text": ("txt", "md", "csv", "tsv", "json", "geojson"),
    "jpeg": ("jpg", "jpeg", "jpe", "jfif"), "png": ("png",), "gif": ("gif",), "webp": ("webp",), "tiff": ("tif", "tiff"),
    "bmp": ("bmp",),
}  # fmt: skip
"""The endings under which a file of each kind may go out."""


def suffix(name: str) -> str:
    """The ending of a file's name in small letters, without the dot; empty when there is none."""
    return name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""
