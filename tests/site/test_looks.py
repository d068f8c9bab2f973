"""The portal as people see it, at a desk and on a phone: nothing breaks, nothing is asked of anybody else, all can be reached."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pypdfium2
import pytest

ARTEFACTS = Path(__file__).parent / "artefacts"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
PAGES = {
    "home": "index.html",
    "list": "columns/policies/index.html",
    "item": "ferry/2024/00002.html",
    "table": "office/2026/00001.html",
    "consultation": "ferry/2026/00002.html",
    "two attachments": "office/2026/00901.html",
    "difference": "changes/office/2026/00901.html",
    "withdrawn": "office/2025/00005.html",
    "removed": "office/2026/00902.html",
    "search": "search.html?q=渡口&year=2026",
    "requests": "requests.html",
    "authored": "about.html",
    "not found": "nowhere/at/all.html",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VIEWS = ("light", "dark", "contrast")

pytestmark = [pytest.mark.browser]


@pytest.fixture
def visit(browser, sample):
    """Opens a page of the sample and keeps what its console said, which hosts it asked, and what its policy forbade."""
    contexts = []

    def open_(path, size="desk", view="light", site=sample, **options):
        width, height = SIZES[size]
        scheme = "dark" if view == "dark" else "light"
        options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, **options}
        context = browser.new_context(**options)
        contexts.append(context)
        if view == "contrast":
            context.add_init_script("localStorage.setItem('gk-view', 'contrast')")
        page = context.new_page()
        page.said, page.hosts = [], set()
        page.on("console", lambda m: page.said.append(m.text))
        page.on("pageerror", lambda e: page.said.append(f"error: {e}"))
        page.on("request", lambda r: page.hosts.add(urlsplit(r.url).hostname))
        page.on("response", lambda r: page.said.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.goto(site.address + path, wait_until="load")
        if path.startswith("search.html"):
            page.wait_for_selector("#gk-search:not([aria-busy])", state="attached")
        return page

    yield open_
    for context in contexts:
        context.close()


def overflow(page):
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_asks_nobody_else_and_fits_its_window(name, size, visit):
    page = visit(PAGES[name], size)
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name.replace(' ', '-')}-{size}.png", full_page=True)
    assert page.locator("h1").count() == 1
    assert page.hosts == {"127.0.0.1"}
    missing = [words for words in page.said if "404" in words]
    assert [words for words in page.said if words not in missing] == []
    assert len(missing) == (2 if name == "not found" else 0), missing
    assert overflow(page) <= 0
    assert "default-src 'none'" in page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")


def with_axe(page):
    """The page with axe-core in it."""
    axe = pytest.importorskip("axe_playwright_python")
    page.add_script_tag(path=Path(axe.__file__).parent / "axe.min.js")
    return page


def barriers(page):
    """What axe-core finds of the page as it stands now."""
    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    assert len(found["passes"]) > 10
    return [
        (v["id"], [(n["target"], n["failureSummary"]) for n in v["nodes"][:3]]) for v in found["violations"]
    ]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_barrier(name, view, visit):
    """WCAG 2.2 A and AA, as far as axe-core can tell by itself, in light, dark and high contrast."""
    page = with_axe(visit(PAGES[name], view=view, bypass_csp=True))
    assert barriers(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_barrier_on_a_phone(name, visit):
    """The same at 390 pixels, light, dark and high contrast; with the menu open too."""
    page = with_axe(visit(PAGES[name], "phone", bypass_csp=True))
    page.locator("[data-gk=menu]").click()
    assert barriers(page) == []
    page.locator("[data-gk=menu]").click()
    for view in VIEWS:
        # Colours that glide to their new value are judged when they are there.
        page.evaluate(
            "view => { document.documentElement.dataset.gkView = view;"
            " return Promise.all(document.getAnimations().map(a => a.finished)) }",
            view,
        )
        assert barriers(page) == [], view


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_barrier_in_english(name, visit, english_sample):
    """The English interface, at a desk and on a phone."""
    page = with_axe(visit(PAGES[name], site=english_sample, bypass_csp=True))
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        assert barriers(page) == [], width
        assert overflow(page) <= 0, width


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["home", "item", "table", "search", "requests"])
def test_text_twice_as_large_still_fits(name, size, visit):
    page = visit(PAGES[name], size)
    before = page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    page.locator(".gk-view summary").click()
    for _ in range(4):
        page.locator("[data-gk-step='1']").click()
    assert page.locator(".gk-view output").text_content() == "200%"
    assert page.locator("[data-gk-step='1']").is_disabled()
    after = page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    assert after == pytest.approx(2 * before, rel=0.01)
    assert overflow(page) <= 0
    page.keyboard.press("Escape")
    page.screenshot(path=ARTEFACTS / f"{name}-{size}-200.png")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.gkSize") == "200", "the choice is remembered"


def test_light_dark_and_contrast_are_chosen_and_remembered(visit, sample):
    page = visit("index.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.locator(".gk-view summary").click()
    page.locator("input[name=gk-view][value=contrast]").check()
    assert page.evaluate(ground) == "rgb(0, 0, 0)"
    page.goto(sample.address + PAGES["item"])
    assert page.evaluate(ground) == "rgb(0, 0, 0)"
    page.locator(".gk-view summary").click()
    assert page.locator("input[value=contrast]").is_checked()
    page.locator("input[name=gk-view][value='']").check()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate("localStorage.length") == 0, "nothing is kept of who wants the usual"


def test_the_devices_dark_view_is_followed_without_a_script(visit):
    page = visit("index.html", view="dark", java_script_enabled=False)
    page.screenshot(path=ARTEFACTS / "home-desk-dark.png", full_page=True)
    assert page.locator(".gk-view").is_hidden()
    colour = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert colour == "rgb(18, 25, 33)"


def focused(page):
    return page.evaluate("(document.activeElement.href || document.activeElement.name || '') + ''")


def tab_to(page, wanted, most=80):
    """Press Tab until the focused thing is the wanted one; it must be seen to have the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted in unquote(focused(page)):
            width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
            assert width >= 2, "nobody could see where the focus is"
            return
    pytest.fail(f"{wanted} was not reached in {most} steps")


def test_the_keyboard_alone_reaches_search_a_result_and_an_attachment(visit):
    page = visit("index.html")
    page.keyboard.press("Tab")
    assert focused(page).endswith("#gk-text"), "the first step skips the head"
    tab_to(page, "q", 20)
    page.keyboard.type("潮汐观测统计")
    page.keyboard.press("Enter")
    page.wait_for_selector("#gk-search .gk-entry")
    first = page.locator("#gk-search .gk-entry__title").first.get_attribute("href")
    tab_to(page, first.rpartition("/")[2])
    page.keyboard.press("Enter")
    page.wait_for_selector(".gk-files")
    attachment = page.locator(".gk-files a").first.get_attribute("href")
    tab_to(page, unquote(attachment))
    with page.expect_download() as download:
        page.keyboard.press("Alt+Enter")
    assert download.value.suggested_filename


def test_a_table_scrolls_by_keyboard_on_a_phone_and_has_a_name(visit):
    page = visit(PAGES["table"], "phone")
    wide = page.evaluate(
        "[...document.querySelectorAll('.gk-scroll')].findIndex(e => e.scrollWidth > e.clientWidth)"
    )
    assert wide >= 0, "the table-heavy page has a table that is wider than a phone"
    box = page.locator(".gk-scroll").nth(wide)
    assert box.get_attribute("role") == "region" and box.get_attribute("aria-label")
    box.focus()
    before = box.evaluate("e => e.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert box.evaluate("e => e.scrollLeft") > before


def test_the_menu_opens_and_closes_on_a_phone(visit):
    page = visit("index.html", "phone")
    button = page.locator("[data-gk=menu]")
    assert not page.locator("#gk-menu").is_visible()
    button.click()
    assert page.locator("#gk-menu a").first.is_visible()
    assert button.get_attribute("aria-expanded") == "true"
    page.screenshot(path=ARTEFACTS / "menu-phone.png")
    button.click()
    assert not page.locator("#gk-menu").is_visible()


def test_the_link_is_copied_and_the_reader_told(visit, sample, zh):
    page = visit(PAGES["item"], permissions=["clipboard-read", "clipboard-write"])
    page.locator("[data-gk=copy]").click()
    page.wait_for_selector("[data-gk=said]:not(:empty)")
    assert page.locator("[data-gk=said]").text_content() == zh("The link has been copied.")
    told = page.get_attribute("link[rel=canonical]", "href")
    assert page.evaluate("navigator.clipboard.readText()") == told


def test_sharing_goes_through_the_device_and_nowhere_else(visit):
    page = visit(PAGES["item"])
    assert page.locator("[data-gk=share]").is_hidden() or page.evaluate("'share' in navigator")
    html = page.content()
    assert not re.search(r"(?:href|action)=\"https?://[^\"]*(?:weibo|weixin|qq|twitter|facebook)", html)


@pytest.mark.parametrize("name", ["item", "table", "two attachments", "requests"])
def test_paper_has_the_title_the_address_and_no_navigation(name, visit, zh):
    page = visit(PAGES[name])
    target = ARTEFACTS / f"{name.replace(' ', '-')}.pdf"
    ARTEFACTS.mkdir(exist_ok=True)
    page.pdf(path=target, prefer_css_page_size=True)
    paper = pypdfium2.PdfDocument(target)
    text = "".join(re.sub(r"\s+", "", sheet.get_textpage().get_text_bounded()) for sheet in paper)
    width, height = (points / 72 * 25.4 for points in paper[0].get_size())
    assert (round(width), round(height)) == (210, 297), "A4"
    heading = re.sub(r"\s+", "", page.locator("h1").text_content())
    for words in ("Skip to the text", "Menu", "Site map", "Copy the link", "Print"):
        assert re.sub(r"\s+", "", zh(words)) not in text
    if name == "requests":
        assert re.sub(r"\s+", "", zh("Signature or seal")) in text and len(paper) == 1
        return
    assert heading in text
    assert page.get_attribute("link[rel=canonical]", "href") in text
    assert "云渡市潮汐管理局" in text
    if name == "two attachments":
        public = "https://www.tide.yundu.example/office/2026/00901/a.txt"
        assert public in text, "a link is worth its public address on paper"


@pytest.mark.parametrize("name", [n for n in PAGES if n not in ("search",)])
def test_a_page_is_whole_without_a_script(name, visit):
    page = visit(PAGES[name], "phone", java_script_enabled=False)
    assert page.locator("h1").is_visible()
    assert page.locator("#gk-menu a").first.is_visible(), "the menu stands open where no script could open it"
    assert page.locator("button[data-gk]:visible, .gk-view:visible").count() == 0, (
        "no button that does nothing"
    )


def test_home_list_item_and_attachment_are_reached_without_a_script(visit, sample):
    page = visit("index.html", java_script_enabled=False)
    page.locator(".gk-tile", has_text="规划统计").click()
    page.locator(".gk-entry__title", has_text="2022年云渡市潮汐观测统计").click()
    with page.expect_download() as download:
        href = page.locator(".gk-files a").first
        href.evaluate("a => a.setAttribute('download', '')")
        href.click()
    assert Path(download.value.path()).stat().st_size > 0


def test_all_attachments_come_in_one_file_with_the_same_bytes(visit, sample):
    page = visit(PAGES["two attachments"])
    with page.expect_download() as download:
        page.locator(".gk-files__all a").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        said = page.locator(".gk-files__all .gk-files__size").text_content()
        assert said == f"{Path(download.value.path()).stat().st_size} B"
        assert archive.namelist() == ["a.txt", "乙.txt"]
        for name in archive.namelist():
            assert archive.read(name) == (sample.site / "office/2026/00901" / name).read_bytes()


def test_searching_with_filters_narrows_on_a_phone(visit):
    page = visit("search.html?q=渡口", "phone")
    every = int(re.search(r"\d+", page.text_content("[data-gk=status]"))[0])
    page.select_option("select[name=year]", "2026")
    page.wait_for_function("location.search.includes('year=2026')")
    page.wait_for_selector("#gk-search:not([aria-busy])", state="attached")
    some = int(re.search(r"\d+", page.text_content("[data-gk=status]"))[0])
    assert 0 < some < every


def test_a_page_that_is_not_there_offers_the_search(visit):
    page = visit(PAGES["not found"])
    page.locator("#gk-q").fill("验潮站")
    page.keyboard.press("Enter")
    page.wait_for_selector("#gk-search .gk-entry")
    assert "search.html?q=" in page.url


def test_the_first_visit_of_an_item_is_light(visit, sample):
    """Compressed as any web server would: the page under 40 KB of HTML, everything it asks for under 200 KB."""
    import gzip

    asked = set()
    page = visit("index.html")
    page.on("request", lambda r: asked.add(urlsplit(r.url).path.lstrip("/")))
    page.goto(sample.address + PAGES["item"], wait_until="load")
    files = {name: (sample.site / unquote(name)).read_bytes() for name in asked}
    assert len(files[PAGES["item"]]) < 40_000
    assert sum(len(gzip.compress(data)) for data in files.values()) < 200_000
    assert not any("bundle" in name for name in asked)
