"""`search: none`: where a platform above searches for all, a portal has neither index nor page nor box to search with."""

from gongkai.portal.build import build
from gongkai.store import clock

from .conftest import NOW
from .test_same_bytes import by_mkdocs, folders, held, same


def without(root):
    """The folder's portal, from now on without a search of its own."""
    with (root / "site_config/portal.yml").open("a", encoding="utf-8") as file:
        file.write("\nsearch: none\n")


def test_nothing_of_the_search_is_left(house_folder, house):
    without(house_folder)
    assert any("search" in path for path in held(house.built.site))
    built = build(house_folder, house_folder / "site", now=clock.parse(NOW))
    assert built.sound, (built.dead, built.requests)
    files = held(built.site)
    assert [path for path in files if "search" in path and not path.startswith("assets/")] == []
    for sign in (b'role="search"', b"search.html", b"SearchAction", b"opensearch", b"search/"):
        assert [path for path, data in files.items() if sign in data and not path.startswith("assets/")] == []


def test_mkdocs_makes_the_same(house_folder, tmp_path):
    without(house_folder)
    built = build(house_folder, tmp_path / "site", now=clock.parse(NOW))
    same(built.site, by_mkdocs(house_folder, tmp_path / "reference", NOW))


def test_a_search_given_up_goes_and_comes_back(house_folder, house, tmp_path):
    site, settings = tmp_path / "site", house_folder / "site_config/portal.yml"
    own, first = settings.read_bytes(), build(house_folder, site, now=clock.parse(NOW))
    without(house_folder)
    second = build(house_folder, site, now=clock.parse(NOW), past=first.past)
    fresh = build(house_folder, tmp_path / "fresh", now=clock.parse(NOW))
    same(second.site, fresh.site)
    assert folders(second.site) == folders(fresh.site)
    settings.write_bytes(own)
    third = build(house_folder, site, now=clock.parse(NOW), past=second.past)
    same(third.site, house.built.site)
