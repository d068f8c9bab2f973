"""Every page is sound HTML: by our own look at the tree always, by the Nu HTML checker where Java and vnu.jar are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html as markup
from PIL import Image

ROOT = Path(__file__).parents[2]
JAR = Path(os.environ.get("GONGKAI_VNU") or ROOT / "node_modules/vnu-jar/build/dist/vnu.jar")
"""`npm install --no-save vnu-jar` puts it there."""
NAMED = ("a", "button", "summary")
INTERACTIVE = {"a", "button", "input", "select", "textarea", "summary"}
PHRASING = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "span", "b", "strong", "em", "code", "time"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path"}
BLOCKS = {"div", "p", "ul", "ol", "dl", "table", "section", "nav", "header", "footer", "h1", "h2", "h3"}


def pages(site):
    return sorted(site.rglob("*.html"))


def trees(site):
    for path in pages(site):
        yield path.relative_to(site).as_posix(), markup.document_fromstring(path.read_bytes())


def test_no_page_uses_an_id_twice_or_points_to_none(sample):
    for name, tree in trees(sample.site):
        counted = Counter(tree.xpath("//@id"))
        assert [i for i, n in counted.items() if n > 1] == [], name
        for attribute in ("for", "aria-controls", "aria-describedby", "aria-labelledby"):
            pointed = {one for value in tree.xpath(f"//@{attribute}") for one in value.split()}
            assert pointed <= set(counted), (name, attribute, pointed - set(counted))


class Stack(HTMLParser):
    """The tags as they are written: a tree's parser would mend what is wrong, and hide it."""

    def __init__(self):
        super().__init__()
        self.open, self.faults = [], []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(("attribute twice", tag, names))
        above = set(self.open)
        if tag in BLOCKS and above & PHRASING:
            self.faults.append(("a block in a line", tag, self.open[-4:]))
        if tag in INTERACTIVE and above & {"a", "button"}:
            self.faults.append(("one thing to press in another", tag, self.open[-4:]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(("closed but not open", tag, self.open[-4:]))
        else:
            self.open.pop()


def faults(html):
    stack = Stack()
    stack.feed(html)
    return stack.faults + [("never closed", tag) for tag in stack.open]


def test_tags_are_closed_in_order_and_stand_where_they_may(sample):
    for path in pages(sample.site):
        assert faults(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize(
    "html",
    ["<p><div></div></p>", "<a><button></button></a>", "<b><i></b></i>", "<p>", '<p id="a" id="b"></p>'],
)
def test_the_look_at_tags_sees_what_is_wrong(html):
    assert faults(html)


def test_what_must_have_a_name_has_one(sample):
    for name, tree in trees(sample.site):
        assert tree.get("lang"), name
        assert tree.findtext(".//title"), name
        assert len(tree.xpath("//main")) == len(tree.xpath("//h1")) == 1, name
        for image in tree.iter("img"):
            assert image.get("alt") is not None and image.get("src"), name
        for tag in NAMED:
            for element in tree.iter(tag):
                pictured = element.xpath(".//img[@alt != '']")
                assert element.text_content().strip() or element.get("aria-label") or pictured, (name, tag)
        for field in tree.xpath("//input | //select"):
            labelled = tree.xpath("//label[@for=$id]", id=field.get("id") or "-") or field.xpath(
                "ancestor::label"
            )
            assert labelled or field.get("aria-label"), (name, field.attrib)


def test_a_picture_of_an_item_says_how_large_it_is(sample):
    """So that nothing jumps when it arrives."""
    found = 0
    for name, tree in trees(sample.site):
        for image in tree.xpath("//*[contains(@class, 'gk-reading')]//img"):
            path = sample.site / Path(name).parent / unquote(image.get("src"))
            with Image.open(path) as picture:
                assert (image.get("width"), image.get("height")) == tuple(map(str, picture.size)), name
            found += 1
    assert found > 3


def test_headings_do_not_skip_a_level_at_the_top(sample):
    for name, tree in trees(sample.site):
        levels = [int(h.tag[1]) for h in tree.xpath("//main//*[self::h1 or self::h2 or self::h3]")]
        for before, after in pairwise(levels):
            assert after <= before + 1, (name, levels)


@pytest.mark.skipif(shutil.which("java") is None or not JAR.is_file(), reason="needs Java and vnu.jar")
def test_the_nu_checker_finds_no_error(sample):
    command = ["java", "-Xss8m", "-jar", str(JAR), "--format", "json", "--errors-only", "--skip-non-html"]
    done = subprocess.run([*command, str(sample.site)], capture_output=True, timeout=300, check=False)
    found = json.loads(done.stderr.decode("utf-8") or '{"messages": []}')["messages"]
    assert [(m.get("url", "").rpartition("/site/")[2], m["message"]) for m in found[:20]] == []
