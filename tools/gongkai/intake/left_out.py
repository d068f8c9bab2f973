"""What of a Word file does not come over, in words: an officer must not find it out from the public."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element

from gongkai.intake.ooxml import Package, W
from gongkai.model.message import Message, msg


def counted(counts: Counter[str]) -> list[Message]:
    """What `flatten` counted, one sentence for each kind."""
    says = {
        "deletions": msg("{count} tracked deletions were left out", count=counts["deletions"]),
        "insertions": msg("{count} tracked insertions were taken over", count=counts["insertions"]),
        "hidden": msg("{count} pieces of hidden text were left out", count=counts["hidden"]),
        "textboxes": msg("{count} text boxes were moved behind their paragraph", count=counts["textboxes"]),
        "formulas": msg(
            "{count} formulas were kept as a line of text; compare them", count=counts["formulas"]
        ),
        "contents": msg("{count} tables of contents were left out", count=counts["contents"]),
        "objects": msg("{count} embedded objects were left out", count=counts["objects"]),
    }
    return [says[kind] for kind in says if counts[kind]]


def left_out(package: Package) -> list[Message]:
    """Parts beside the text that are not taken over: comments, headers and footers with words in them."""
    said = []
    comments = sum(len(root.findall(f"{W}comment")) for root in _roots(package, "comments"))
    if comments:
        said.append(msg("{count} comments were left out", count=comments))
    frames = {
        "header": msg("the page header was left out"),
        "footer": msg("the page footer was left out"),
    }
    said += [says for kind, says in frames.items() if any(map(_has_words, _roots(package, kind)))]
    return said


def _roots(package: Package, kind: str) -> list[Element]:
    return [root for name in package.related(kind) if (root := package.xml(name)) is not None]


def _has_words(root: Element) -> bool:
    """More than page numbers."""
    text = "".join(t.text or "" for t in root.iter(f"{W}t"))
    return bool(re.search(r"[^\W\d_]", re.sub(r"[第页共Pageof\s]", "", text)))
