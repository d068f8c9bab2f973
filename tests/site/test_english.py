"""The interface in English: complete, and whatever stays Chinese is marked as such for screen readers."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

HAN = re.compile("[\u3400-\u9fff]")
SPOKEN = ("aria-label", "alt", "placeholder")
"""Attributes that a screen reader says."""


def is_marked(node):
    """Whether the nearest `lang` around a text says that it is Chinese."""
    for parent in node.parents:
        if parent.get("lang"):
            return parent["lang"].startswith("zh")
    return False


def leftovers(html):
    """Chinese words that stand on a page as if they were English."""
    soup = BeautifulSoup(html, "html.parser")
    for unseen in soup(["script", "style", "title", "meta", "link"]):
        unseen.decompose()
    for text in soup.find_all(string=HAN):
        if not is_marked(text):
            yield text.strip()
    for name in SPOKEN:
        for tag in soup.find_all(attrs={name: HAN}):
            if not (tag.get("lang", "").startswith("zh") or is_marked(tag)):
                yield f"{name}={tag[name]}"


def pages(site):
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def test_no_page_holds_chinese_that_is_not_marked(english_sample):
    authored = {"about.html", "accessibility.html"}  # written in Chinese by the portal's own people
    found = {
        name: list(dict.fromkeys(leftovers(english_sample.page(name))))
        for name in pages(english_sample.site)
        if name not in authored
    }
    assert {name: words[:8] for name, words in found.items() if words} == {}


def test_every_page_says_that_it_is_english(english_sample):
    for name in pages(english_sample.site):
        assert '<html lang="en"' in english_sample.page(name), name


def test_the_words_of_the_interface_are_english(english_sample):
    page = english_sample.page("ferry/2024/00002.html")
    for words in (
        "Reading aids",
        "Copy the link",
        "Index number",
        "Attachments",
        "Site map",
        "Ask for information",
    ):
        assert words in page, words


def test_an_item_in_english_is_marked_on_a_chinese_portal(sample):
    soup = BeautifulSoup(sample.page("tide/2025/00003.html"), "html.parser")
    assert soup.html["lang"] == "zh-CN"
    assert soup.h1["lang"] == "en"
    assert soup.find(class_="gk-body")["lang"] == "en"


def test_the_same_item_needs_no_mark_on_an_english_portal(english_sample):
    soup = BeautifulSoup(english_sample.page("tide/2025/00003.html"), "html.parser")
    assert soup.h1.get("lang") is None


@pytest.mark.browser
def test_the_search_speaks_english(english_sample, browser):
    page = browser.new_page()
    page.goto(f"{english_sample.address}search.html?q=tide", wait_until="networkidle")
    page.wait_for_selector("#gk-search .gk-entry")
    assert re.fullmatch(r"\d+ results?", page.text_content("[data-gk=status]").strip())
    page.close()
