"""Whatever is written into an item comes back from its file, is shown as text, or is refused with a reason.

Pages are rendered by the theme's own templates, in the environment that a build uses, without a build for each example,
and read by html5lib, which parses as the HTML standard says browsers do.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.checks import hostile
from gongkai.checks.run import run
from gongkai.items.read import read_item
from gongkai.items.write import render as write_item
from gongkai.items.write import set_field
from gongkai.model.corpus import Corpus
from gongkai.model.errors import GongkaiError
from gongkai.model.finding import Report
from gongkai.portal import markdown
from gongkai.portal.item_page import ItemPage
from gongkai.portal.lists import Shelf, leaves
from gongkai.portal.site import Site

os.environ["NO_MKDOCS_2_WARNING"] = "1"
ROOT = Path(__file__).parents[2]
NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
ID = "office-2026-00001"
PATH = f"content/office/2026/{ID}"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
ANY = st.text(st.characters(exclude_categories=()), max_size=40)
TEXT = ANY.filter(lambda t: t.strip() and not CONTROL.search(t))
CODES = {rule.code for rule in hostile.RULES}
few = settings(max_examples=40, deadline=None)

PAYLOADS = json.loads(Path(__file__).with_name("attacks.json").read_text(encoding="utf-8"))
"""Attacks on sanitisers, templates and themes: one string each; add what you meet."""


class Ways:
    """Every link leads somewhere: the worst case for what may stand in an attribute."""

    def link(self, url):
        return url

    image = link


def tree(text):
    """The document that a browser makes of the page."""
    return html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)


def fragment(text):
    return html5lib.parseFragment(text, treebuilder="etree", namespaceHTMLElements=False)


def parts(node):
    """Every element with its attributes."""
    return [
        (n.tag, dict(n.attrib))
        for n in node.iter()
        if isinstance(n.tag, str) and n.tag != "DOCUMENT_FRAGMENT"
    ]


def words(node):
    return "".join(node.itertext())


# What the sanitiser may leave (portal/markdown.py), and what the last pass adds (portal/rewrite.py).
AFTER = {
    "a": {"rel", "class", "aria-label"}, "img": {"loading"}, "td": {"class"}, "th": {"class"},
    "table": {"class"}, "div": {"class", "tabindex"}, "sup": {"class"}, "section": {"class"},
}  # fmt: skip
CLASSES = {
    "gk-scroll",
    "gk-table",
    "gk-center",
    "gk-right",
    *(c for names in markdown.CLASSES.values() for c in names),
}
URLS = {("a", "href"), ("img", "src")}
GONE = {"align", "checked", "type"}


def harmless(html):
    """The text's HTML holds nothing but what the sanitiser and the last pass put there."""
    for tag, attributes in parts(fragment(html)):
        assert tag in markdown.TAGS - {"input", "h1"} | {"div"}, tag
        allowed = markdown.ATTRIBUTES["*"] | markdown.ATTRIBUTES.get(tag, set()) | AFTER.get(tag, set())
        for name, value in attributes.items():
            assert name in allowed - GONE, (tag, name)
            if name == "id":
                assert not value.startswith(("__", "gk-"))
            if name == "class":
                assert set(value.split()) <= CLASSES
            if (tag, name) in URLS:
                scheme = re.match(r"([^/?#]*?):", re.sub("[\x00-\x20]", "", value))
                assert not scheme or scheme[1].lower() in markdown.SCHEMES, value


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "正文 {} 正文",
        "- 一\n- {}",
        "> {}",
        "| 甲 | 乙 |\n|---|---|\n| {} | x |",
        "<p>{}",
        "*{}*",
        "[{}](x)",
    ],
)
def test_no_known_attack_survives_in_a_text(payload, around):
    harmless(markdown.render(around.replace("{}", payload), Ways()).html)


PIECES = st.sampled_from(
    [*PAYLOADS, *"<>\"'=`&;:/!?-[](){}#*_|\\\n \t\x00\x0c", "<!--", "-->", "]]>", "<a href=", "<img src=", "<svg>", "<math>", "<table>",
     "<style>", "</style>", "<p ", "on", "error=", "javascript:", "&#x", "3c;", "&lt;", "<td>", "</p>", "<br>",
     "title=", "x", "甲", "\u2028"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=8).map("".join))
def test_no_text_becomes_an_element_or_attribute_that_the_sanitiser_did_not_allow(text):
    html = markdown.render(text, Ways()).html
    harmless(html)
    # What a browser reads, writes and reads again is still the same: nothing mutates into something else.
    once = html5lib.serialize(fragment(html), quote_attr_values="always", omit_optional_tags=False)
    assert parts(fragment(once)) == parts(fragment(html))


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_escaped_markdown_shows_exactly_its_words(text):
    line = " ".join(text.split())
    escaped = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line)
    shown = words(fragment(markdown.render(f"甲{escaped}乙", Ways()).html))
    assert " ".join(shown.split()) == " ".join(f"甲{line}乙".split())


# --- the file


FIELDS = {"type": "notice", "department": "office", "addressees": "各渡口", "document_date": "2026-02-27",
          "contact": {"name": "办公室", "telephone": "0000-5550100"}, "openness": "proactive", "secrecy": "public"}  # fmt: skip


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """The repository's settings and schemas without items."""
    from gongkai.checks.portal import read_portal
    from gongkai.store.tree import FolderTree

    root = tmp_path_factory.mktemp("portal")
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    return replace(read_portal(FolderTree(root), now=NOW), changed=frozenset())


def findings(portal, item) -> Report:
    return run(replace(portal, corpus=Corpus((item,))))


@pytest.mark.parametrize("form", ["md", "yml"])
@settings(max_examples=60, deadline=None)
@given(title=ANY, name=ANY, extra=ANY, key=ANY, body=ANY)
def test_an_item_reads_back_as_written_or_is_refused_with_a_reason(
    form, portal, title, name, extra, key, body
):
    fields = {
        "id": ID,
        "title": title,
        **FIELDS,
        "contact": {"name": name},
        "x_note": [extra],
        f"x_{key}": {"a": extra},
    }
    try:
        raw = write_item(fields, body, form=form).encode("utf-8", "surrogatepass")
    except ValueError:
        return  # the writer itself refuses
    item, unread = read_item(f"{PATH}.{form}", raw)
    if item is None:
        assert unread and unread[0].fatal and unread[0].fault
        return
    assert item.fields == fields
    plain = body.replace("\r\n", "\n").replace("\r", "\n")
    assert item.body == (plain.lstrip("\n") if form == "md" else body)
    bad = any(CONTROL.search(t) for t in (title, name, extra, item.body))
    codes = {f.code for f in findings(portal, item).findings}
    assert ("INJ101" in codes) == bad


@settings(max_examples=60, deadline=None)
@given(title=ANY)
def test_a_changed_title_reads_back_and_leaves_the_rest_or_is_refused(title):
    before = write_item({"id": ID, "title": "甲", **FIELDS}, "正文。\n", form="md")
    try:
        after = set_field(before, "md", "title", title).encode("utf-8", "surrogatepass")
    except (GongkaiError, ValueError, Exception) as error:
        assert type(error).__module__.startswith(("gongkai", "builtins", "yaml"))
        return
    item, _ = read_item(f"{PATH}.md", after)
    if item is not None:
        assert item.fields == {"id": ID, "title": title, **FIELDS}
        assert item.body == "正文。\n"


# --- the whole page


@pytest.fixture(scope="module")
def pressroom(portal):
    """Renders a page as a build does: MkDocs' configuration, navigation and environment, made once."""
    from mkdocs.commands.build import get_context
    from mkdocs.config import load_config
    from mkdocs.structure.files import File, get_files
    from mkdocs.structure.nav import get_navigation
    from mkdocs.structure.pages import Page as MkDocsPage

    root = portal.tree.root
    config = load_config(str(root / "mkdocs.yml"), site_dir=str(root / "site"))
    config.plugins.on_startup(command="build", dirty=False)
    plugin = config.plugins["gongkai"]
    plugin.root, plugin.now = root, NOW
    config = config.plugins.on_config(config)
    files = get_files(config)
    env = config.theme.get_env()
    files.add_files_from_theme(env, config)
    files = config.plugins.on_files(files, config=config)
    nav = get_navigation(files, config)
    env = config.plugins.on_env(env, config=config, files=files)

    def press(made):
        uri = made.path.removesuffix(".html") + ".md"
        plugin.pages = {**plugin.pages, uri: made}
        page = MkDocsPage(None, File.generated(config, uri, content=""), config)
        page.markdown = config.plugins.on_page_markdown("", page=page, config=config, files=files)
        page.content = config.plugins.on_page_content("", page=page, config=config, files=files)
        context = get_context(nav, files, config, page)
        template = env.get_template(page.meta["template"])
        context = config.plugins.on_page_context(context, page=page, config=config, nav=nav)
        return template.render(context)

    from gongkai.store.catalogue import Catalogue

    def site_of(*items):
        return Site(replace(portal, corpus=Corpus(items)), Catalogue("zh").say)

    return SimpleNamespace(press=press, site=site_of)


def page_of(pressroom, fields, body="正文。"):
    item, unread = read_item(f"{PATH}.yml", write_item({"id": ID, **fields}, body, form="yml").encode())
    assert item is not None, unread
    site = pressroom.site(item)
    shelf = Shelf("columns/notices/index.html", item.title, site.items, description=item.title)
    return [
        tree(pressroom.press(p)) for p in (ItemPage(site, item).page(), next(leaves(shelf, site)).page(site))
    ]


def filled(text):
    """An item that says `text` wherever an author may say something."""
    return {**FIELDS, "title": text, "summary": text, "addressees": text, "document_number": text, "source": text,
            "keywords": [text, text], "contact": {"name": text, "telephone": text, "email": text, "address": text},
            "withdrawal": {"reason": text, "explanation": text}, "language": text,
            "legacy": {"index_number": text, "url": f"https://x.example/{text}"}}  # fmt: skip


def same_skeleton(mine, plain):
    """The same elements with the same attributes; only what attributes and elements say may differ."""
    assert [(t, list(a)) for t, a in parts(mine)] == [(t, list(a)) for t, a in parts(plain)]
    free = {"content", "title", "alt", "aria-label", "lang"}
    for (tag, mine_of), (_, plain_of) in zip(parts(mine), parts(plain), strict=True):
        for name in set(mine_of) - free:
            expected = mine_of[name]
            if (tag, name) == ("a", "href") and expected.startswith("mailto:"):
                # A prepared mail names the page in its subject: as one percent-encoded word, between the same two ends.
                head, _, rest = expected.partition("：")
                subject, _, tail = rest.rpartition("&body=")
                assert plain_of[name].startswith(head) and plain_of[name].endswith(tail)
                assert not re.search(r"[<>\"'&?#\s]", subject), subject
            elif not (tag == "a" and name == "href" and expected.startswith("https://x.example/")):
                assert expected == plain_of[name], (tag, name)


@pytest.fixture(scope="module")
def plain(pressroom):
    return page_of(pressroom, filled("甲"))


def shown_as_text(pressroom, plain, text):
    item_page, list_page = page_of(pressroom, filled(text))
    same_skeleton(item_page, plain[0])
    same_skeleton(list_page, plain[1])
    assert words(item_page.find(".//h1")) == text
    metas = {m.get("name"): m.get("content") for m in item_page.iter("meta")}
    assert metas["ArticleTitle"] == metas["ContentSource"] == text
    assert "Description" not in metas  # of withdrawn information the head tells nothing but its title
    assert words(item_page.find(".//p[@class='gk-summary']")) == text
    values = [words(dd) for dd in item_page.iter("dd")]
    assert values.count(text) >= 7
    assert words(list_page.find(".//a[@class='gk-entry__title']")) == text


@pytest.mark.parametrize("payload", [p for p in PAYLOADS if not CONTROL.search(p)])
def test_every_attack_in_every_field_is_shown_as_written(payload, pressroom, plain):
    shown_as_text(pressroom, plain, payload.replace("\t", " ").replace("\n", " ").strip())


@few
@given(TEXT.map(lambda t: " ".join(t.split())).filter(bool))
def test_any_text_in_every_field_is_shown_as_written(pressroom, plain, text):
    shown_as_text(pressroom, plain, text)


def _from_templates():
    """Elements and attributes that the templates write, read from the templates themselves, and from our code's HTML."""
    import material

    found = {}
    folders = [Path(material.__file__).parent / "templates", ROOT / "tools/gongkai/portal/templates"]
    sources = [p.read_text("utf-8") for f in folders for p in f.rglob("*.html")]
    sources += [p.read_text("utf-8") for p in (folders[0] / ".icons/material").glob("weather-*.svg")]
    sources += [
        (ROOT / "tools/gongkai/portal" / f"{n}.py").read_text("utf-8")
        for n in ("values", "item_page", "pieces", "scripts")
    ]
    for text in sources:
        flat = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", text, flags=re.DOTALL)
        flat = re.sub(r"\{\{.*?\}\}|\{\}", "x", flat, flags=re.DOTALL)
        for tag, rest in re.findall(r"<([a-zA-Z][\w-]*)((?:\"[^\"]*\"|[^>\"])*)>", flat):
            names = re.findall(r"\s([\w-]+)(?=[=\s]|$)", re.sub(r"\"[^\"]*\"", "", rest))
            found.setdefault(tag.lower(), set()).update(names)
    found["meta"].add(
        "property"
    )  # `portal/meta.py` writes Open Graph's tags in pieces, which no pattern finds whole
    return found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_page_with_an_attack_in_its_text_holds_only_what_templates_and_sanitiser_wrote(payload, pressroom):
    known = _from_templates()
    body = f"# 一\n\n{payload}\n\n## 二\n\n{payload}\n"
    (page, _) = page_of(pressroom, {**FIELDS, "title": "甲"}, body)
    article = page.find(".//div[@class='gk-body']")
    inside = {id(n) for n in article.iter()}
    for node in page.iter():
        if not isinstance(node.tag, str) or id(node) in inside:
            continue
        tag = node.tag.rpartition("}")[2]
        assert tag in known, tag
        for name in (n.rpartition("}")[2] for n in node.attrib):
            assert name in known[tag], (tag, name)
            assert not name.startswith("on")
    ids = [n.get("id") for n in page.iter() if isinstance(n.tag, str) and n.get("id")]
    own = [n.get("id") for n in page.iter() if isinstance(n.tag, str) and n.get("id") and id(n) not in inside]
    assert all(ids.count(name) == 1 for name in own), "a text took an id of the page's own"
    assert {n.get("type") for n in page.iter("script") if not n.get("src")} <= {"application/ld+json"}
    text = words(page)
    for sign in ("{{ 7*191 }}", "${7*191}", "<%= 7*191 %>"):
        if sign in payload:
            assert sign in text
    assert "1337" not in text
