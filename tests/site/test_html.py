"""Every page is sound HTML: by our own look at the tree always, by the Nu HTML checker where Java and vnu.jar are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree
from lxml import html as markup

ROOT = Path(__file__).parents[2]
JAR = Path(os.environ.get("GONGKAI_VNU") or ROOT / "node_modules/vnu-jar/build/dist/vnu.jar")
"""`npm install --no-save vnu-jar` puts it there."""
NAMED = ("a", "button", "summary")
INTERACTIVE = {"a", "button", "input", "select", "textarea", "summary"}
PHRASING = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "span", "b", "strong", "em", "code", "time"}
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


def test_no_block_stands_in_a_line_and_nothing_that_is_pressed_in_another(sample):
    """The parser mends such faults in silence, so the bytes are asked: what was written must be what was read."""
    for name, tree in trees(sample.site):
        for element in tree.iter(etree.Element):
            inside = {child.tag for child in element.iterdescendants() if isinstance(child.tag, str)}
            if element.tag in PHRASING:
                assert not inside & BLOCKS, (name, element.tag, inside & BLOCKS)
            if element.tag in ("a", "button"):
                assert not inside & INTERACTIVE, (name, element.tag, inside & INTERACTIVE)


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


def test_headings_do_not_skip_a_level_at_the_top(sample):
    for name, tree in trees(sample.site):
        levels = [int(h.tag[1]) for h in tree.xpath("//main//*[self::h1 or self::h2 or self::h3]")]
        for before, after in zip(levels, levels[1:], strict=False):
            assert after <= before + 1, (name, levels)


@pytest.mark.skipif(shutil.which("java") is None or not JAR.is_file(), reason="needs Java and vnu.jar")
def test_the_nu_checker_finds_no_error(sample):
    command = ["java", "-Xss8m", "-jar", str(JAR), "--format", "json", "--errors-only", "--skip-non-html"]
    done = subprocess.run([*command, str(sample.site)], capture_output=True, timeout=300, check=False)
    found = json.loads(done.stderr.decode("utf-8") or '{"messages": []}')["messages"]
    assert [(m.get("url", "").rpartition("/site/")[2], m["message"]) for m in found[:20]] == []
