"""The search index in pieces: a change makes few of them anew, and they are what they would be without a past."""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from gongkai.checks.portal import read_portal
from gongkai.portal.keys import Keys
from gongkai.portal.search_index import Search, index
from gongkai.portal.search_kept import Held
from gongkai.portal.search_mend import MOST as MOST_MENDED
from gongkai.portal.search_parts import FULL, LEAST, MOST, OPEN, Part, volumes
from gongkai.portal.search_stock import LONGER, Stock, Table
from gongkai.portal.search_volume import Shape
from gongkai.portal.site import Site
from gongkai.release.searching import Index
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue
from gongkai.store.kept import Kept
from gongkai.store.tree import FolderTree
from gongkai.store.web import open_server

from .conftest import NOW, item, write

COUNT = 2600
DEPARTMENTS = ("ferry", "law", "office", "tide")
CHANGED = 700


def notice(n: int, title: str = "") -> tuple[str, str]:
    """The path and the text of the n-th item, the older the smaller its number."""
    identity = f"{DEPARTMENTS[n % 4]}-2024-{n // 4 + 1001:05d}"
    text = f"灯塔{n}号航标今日检修，请过往船只注意避让。" * 3
    day = date(2024, 1, 1) + timedelta(n * 330 // COUNT)
    return f"content/{identity[:-11]}/2024/{identity}.md", item(
        identity, "notice", title or f"关于第{n}次检修的通知", body=text, published=str(day)
    )


def put(root: Path, n: int, title: str = "") -> None:
    """Write the n-th item."""
    path, text = notice(n, title)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def page_of(n: int) -> str:
    """The address of the n-th item."""
    return re.sub(r"content/(\w+)/2024/.*-(\d+)\.md", r"\1/2024/\2.html", notice(n)[0])


def site_of(root: Path, kept: Path | None = None) -> Site:
    """The site of a folder as it is now."""
    portal = read_portal(FolderTree(root), now=clock.parse(NOW))
    portal = replace(portal, kept=Kept(kept))
    return Site(portal, Catalogue("zh").say)


def search_of(root: Path, kept: Path | None = None) -> Search:
    """Its search index; with a folder where it keeps what it made."""
    site = site_of(root, kept)
    return Search(site, Keys(site))


def files(search: Search) -> dict[str, bytes]:
    """All files, in the order in which a build makes them."""
    made = (*map(search.results, search.parts), *map(search.postings, search.volumes), search.top())
    return {path: data for pieces in made for path, data in pieces}


def changed(before: Search, after: Search) -> list[str]:
    """The pieces that are not as they were."""
    told = []
    for letter, old, new in (("r", before.parts, after.parts), ("t", before.volumes, after.volumes)):
        keys = {piece.number: before.key(piece) for piece in old}
        told += [f"{letter}/{piece.number}" for piece in new if keys.get(piece.number) != after.key(piece)]
    return told


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder with more items than one volume holds."""
    root = tmp_path_factory.mktemp("many") / "portal"
    root.mkdir()
    write(root)
    for n in range(COUNT):
        put(root, n)
    return root


@pytest.fixture
def folder(many, tmp_path):
    """A copy of it, to be changed."""
    return Path(shutil.copytree(many, tmp_path / "portal"))


def test_a_part_has_its_size_and_volumes_hold_all_parts_the_newest_apart(many):
    search = search_of(many)
    assert all(LEAST <= len(part.items) <= MOST for part in search.parts[:-1])
    assert len(search.volumes) == 2 and 1 <= len(search.volumes[-1].parts) <= OPEN
    for count in range(3 * FULL):
        cut = volumes([Part(n, ()) for n in range(count)])
        assert [part.number for volume in cut for part in volume.parts] == list(range(count))
        assert all(len(volume.parts) == FULL for volume in cut[:-2]) and len(cut) <= count // FULL + 2


def test_one_item_changed_is_one_part_and_one_volume_changed(folder, tmp_path):
    before = search_of(folder, tmp_path / "kept")
    old = files(before)
    put(folder, CHANGED, "关于栈桥封闭的通知")
    after = search_of(folder, tmp_path / "kept")
    part = next(p.number for p in after.parts if any("栈桥" in i.title for i in p.items))
    assert changed(before, after) == [f"r/{part}", "t/0"]
    new = files(after)
    assert new == files(search_of(folder)), "with what was kept as without it"
    others = {path for path in new if not path.startswith((f"search/r/{part}/", "search/t/0/"))}
    assert {path for path in others if new[path] != old.get(path)} == {"search/index.json"}


def test_a_new_item_changes_the_newest_part_and_volume(folder):
    before = search_of(folder)
    put(folder, COUNT)
    after = search_of(folder)
    assert changed(before, after) == [f"r/{after.parts[-1].number}", f"t/{after.volumes[-1].number}"]


def test_an_item_among_old_ones_moves_no_cut_but_those_beside_it(folder):
    before = search_of(folder)
    more = folder / "content/law/2024/law-2024-09999.md"
    more.write_text(
        item("law-2024-09999", "notice", "关于补录的通知", published="2024-01-09"), encoding="utf-8"
    )
    after = search_of(folder)
    ends = [{part.items[-1].id for part in search.parts} for search in (before, after)]
    assert len(ends[0] ^ ends[1]) <= 2
    assert sum(len(part.items) for part in after.parts) == sum(len(part.items) for part in before.parts) + 1


def test_the_directory_knows_pieces_that_nobody_made_in_this_build(folder, tmp_path):
    made = files(search_of(folder, tmp_path / "kept"))
    for kept in (tmp_path / "kept", tmp_path / "gone", None):
        again = dict(search_of(folder, kept).top())
        assert again == {path: made[path] for path in again} and len(again) == 2


def mended(
    root: Path, kept: Path, old: dict[str, bytes], keys: dict[int, bytes]
) -> tuple[Search, list[dict]]:
    """The index after a change, and of each volume the files that are to be written anew."""
    search = search_of(root, kept)
    return search, [search.mend(v, keys[v.number], old.__getitem__) for v in search.volumes]


def delete(root: Path, n: int) -> None:
    """The n-th item is gone."""
    (root / notice(n)[0]).unlink()


CHANGES = {
    "one item has other words": lambda root: put(root, CHANGED, "关于栈桥封闭的通知〔2024〕9号 Ａ1𠮷"),
    "the newest item is gone": lambda root: delete(root, COUNT - 1),
    "an item is new": lambda root: put(root, COUNT, "一二"),
    "two parts have other words": lambda root: [put(root, n, "封闭") for n in (3, 4, CHANGED)],
    "many items of a part have other words": lambda root: [
        put(root, n, f"第{n}次封闭") for n in range(MOST_MENDED + 9)
    ],
    "nothing": lambda root: None,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_volume_that_is_mended_is_as_one_that_is_made_anew(folder, tmp_path, change):
    kept = tmp_path / "kept"
    before = search_of(folder, kept)
    old = files(before)
    CHANGES[change](folder)
    after, new = mended(folder, kept, old, {v.number: before.key(v) for v in before.volumes})
    anew = files(search_of(folder))
    for volume, found in zip(after.volumes, new, strict=True):
        there = {path for path in anew if path.startswith(f"search/t/{volume.number}/")}
        assert found == {path: anew[path] for path in there if anew[path] != old[path]}
    assert dict(after.top())["search/index.json"] == anew["search/index.json"]
    alone = search_of(folder, tmp_path / "none")
    assert [after._stock(p) for p in after.parts] == [alone._stock(p) for p in alone.parts], (
        "nor later otherwise"
    )


def test_a_volume_is_made_whole_when_it_cannot_be_told_what_changed(folder, tmp_path):
    kept = tmp_path / "kept"
    before = search_of(folder, kept)
    old, key = files(before), before.key(before.volumes[0])
    put(folder, CHANGED, "关于栈桥封闭的通知")
    after = search_of(folder, kept)
    volume = after.volumes[0]
    assert after.mend(volume, b"of old", old.__getitem__) is None
    assert after.mend(volume, key, lambda path: old[path] + b"!") is None, "other bytes than were made"
    (folder / "site_config/portal.yml").write_text(
        (folder / "site_config/portal.yml").read_text() + "\n# other\n"
    )
    other = search_of(folder, kept)
    assert other.mend(other.volumes[0], key, old.__getitem__) is None, (
        "other settings may give the same items other words"
    )
    assert after.mend(volume, key, old.__getitem__)


def test_what_is_kept_of_parts_that_are_no_more_does_not_pile_up(tmp_path):
    held, sizes = Held(Kept(tmp_path)), []
    stock, shape = Stock(b"", (), longer=Table(LONGER, b"#n1")), Shape((b"part",), ("abcdef",), (b"",))
    for turn in range(40):
        keys = [b"stays", str(turn).encode()]
        for key in keys:
            held.keep_stock(key, stock)
            held.keep_shape(key, shape)
            held.say(key.hex(), key, key)
        held.tidy(keys, keys, keys)
        rows = [len(Kept(tmp_path).keys(kind)) for kind in ("search shape", "search said")]
        sizes.append([len([*tmp_path.glob("*-stock-*")]), *rows])
    assert max(sizes) == [10, 10, 10] and sizes[-1][0] >= 2
    assert held.stock(b"stays") == stock and held.shape(b"stays") == shape, "what is needed is still there"


def test_a_stock_that_is_not_whole_or_of_another_part_is_not_taken(tmp_path):
    held, stock = Held(Kept(tmp_path)), Stock(b"", (), longer=Table(LONGER, b"#n1"))
    held.keep_stock(b"one", stock)
    held.keep_stock(b"two", stock)
    one, two = tmp_path.glob("*-stock-*")
    assert held.stock(b"one") == held.stock(b"two") == stock and held.stock(b"three") is None
    was = one.read_bytes()
    for spoilt in (b"", was[:2], was[:-1], was[:-1] + bytes([was[-1] ^ 1]), two.read_bytes()):
        one.write_bytes(spoilt)
        assert [held.stock(key) for key in (b"one", b"two")].count(None) == 1


@pytest.fixture(scope="module")
def written(many, tmp_path_factory):
    """The index of the large folder, in files."""
    folder = tmp_path_factory.mktemp("written")
    for data in index(site_of(many)):
        path = folder / data.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.content)
    return folder / "search"


def test_every_item_is_found_in_whichever_part_and_volume_it_is(written):
    found = Index(written)
    for n in (0, 1, 255, 256, 700, 1301, 2048, COUNT - 1):
        assert page_of(n) in found.find(f"关于第{n}次检修的通知")
        assert page_of(n) in found.find(f"灯塔{n}号航标")
    assert len(found.find("航标")) == COUNT


def test_whether_a_page_is_found_is_told_without_ranking_the_others(written):
    found = Index(written)
    for query in (
        "关于第700次检修的通知",
        "灯塔1301号航标",
        "第2599次",
        "不存在的词语",
        "1301号",
        "云潮发〔2024〕3号",
        "",
    ):
        there = set(found.find(query))
        for n in (0, 3, 700, 1301, 2599, COUNT - 1):
            assert found.finds(query, page_of(n)) == (page_of(n) in there), (query, n)
    assert not found.finds("航标", "no/such/page.html")


@pytest.mark.browser
def test_the_browser_finds_what_the_index_holds_in_all_volumes(written, house, browser, tmp_path):
    """Its first page, and how many there are, for words of all items, of few, and for numbers."""
    shutil.copytree(house.built.site, tmp_path / "site", ignore=shutil.ignore_patterns("search"))
    shutil.copytree(written, tmp_path / "site" / "search")
    server = open_server(tmp_path / "site", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page, found = browser.new_page(), Index(written)
    for query in ("航标", "第2599次", "检修的通知", "灯塔25", "潮汐预报", "云潮发〔2024〕3号", "1301号"):
        page.goto(f"{server.address}search.html?q={query}")
        page.wait_for_selector("#gk-search:not([aria-busy]):not([data-gk-waits])", state="attached")
        links = page.eval_on_selector_all("#gk-search .gk-entry__title", "all => all.map(a => a.pathname)")
        wanted = found.find(query)
        assert [link.lstrip("/") for link in links] == wanted[:10] and wanted, query
        assert int(re.search(r"\d+", page.text_content("[data-gk=status]"))[0]) == len(wanted), query
    page.close()
    server.shutdown()
    server.server_close()
