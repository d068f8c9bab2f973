"""The quick look at pages misses nothing that the closer look over the finished portal finds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongkai.portal.glance import Glance
from gongkai.portal.links import dead_links, requests

PATHS = ("index.html", "a/1.html", "a/2.html", "a/b/3.html")
ADDRESSES = (
    "index.html", "../index.html", "../../index.html", "1.html", "b/3.html", "../a/1.html", "/a/2.html", "missing.html", "a//1.html",
    "1.html#there", "2.html#not-there", "#there", "#not-there", "#", "", "b/../1.html", "./1.html", "a.b/1.html", "%61/1.html",
    "https://x.example/", "//x.example/", "mailto:a@x.example", "javascript:alert(1)", "tel:1", "a/1.html?x=1", "1.html&amp;2", "b/",
)  # fmt: skip
PIECES = (
    *(f'<a class="x" href="{url}">链接</a>' for url in ADDRESSES),
    *(f'<img src="{url}" alt="">' for url in ADDRESSES[:12]),
    '<p id="there">', '<link rel="canonical" href="https://x.example/">', '<script src="https://x.example/a.js"></script>',
    '<link rel="stylesheet" href="//x.example/a.css">', "<style>a{background:url(https://x.example/b.png)}</style>", "<p>文字</p>",
)  # fmt: skip
PAGE = st.lists(st.sampled_from(PIECES), max_size=5).map("\n".join)


def looked_at(pages: dict[str, str]) -> tuple[bool, bool]:
    """Whether the quick look doubts these pages, and whether the closer look finds anything."""
    with tempfile.TemporaryDirectory() as name:
        site, glance = Path(name), Glance("/")
        for path, text in pages.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text, encoding="utf-8")
            glance.at(path, text.encode())
        return glance.seen.doubtful(set(pages), site), bool(dead_links(site) or requests(site))


@settings(max_examples=150, deadline=None)
@example([PIECES[3], PIECES[9], PIECES[9], ""])
@given(st.lists(PAGE, min_size=len(PATHS), max_size=len(PATHS)))
def test_what_the_closer_look_finds_the_quick_look_doubts(texts: list[str]) -> None:
    doubtful, wrong = looked_at(dict(zip(PATHS, texts, strict=True)))
    assert doubtful or not wrong


@pytest.mark.parametrize(
    "url", ["1.html", "../index.html", "b/3.html", "1.html#there", "#there", "https://x.example/"]
)
def test_pages_of_a_folder_that_lead_to_the_same_sound_place_are_not_doubted(url: str) -> None:
    text = f'<p id="there"><a href="{url}">链接</a></p>'
    assert looked_at({"index.html": "", "a/b/3.html": "", "a/1.html": text, "a/2.html": text}) == (
        False,
        False,
    )


def test_an_anchor_that_the_page_before_had_is_looked_for_on_each_page() -> None:
    link = '<a href="#there">链接</a>'
    assert looked_at({"a/1.html": f'<p id="there">{link}</p>', "a/2.html": link}) == (True, True)


def test_the_same_way_means_another_file_in_another_folder() -> None:
    link = '<a href="1.html">链接</a>'
    assert looked_at({"a/1.html": link, "b/2.html": link}) == (True, True)


def test_an_address_behind_words_that_look_like_one_is_seen() -> None:
    assert looked_at({"a/1.html": 'href="x <a href="missing.html">链接</a>'}) == (True, True)


def test_one_address_that_leads_out_of_the_portal_hides_no_other():
    glance = Glance("/")
    glance.at("a/b.html", b'<p><a href="../../../x.html"></a><a href="c.html"></a><a href="../d.html"></a>')
    assert glance.seen.wrong and glance.seen.files == {"a/c.html", "d.html"}
