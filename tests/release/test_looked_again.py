"""What is remembered of the last release saves reading, and never hides what reading would have found."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gongkai.release.looked import FILE, Looked, Memory, read_looked
from gongkai.release.manifest import FILE as MANIFEST
from gongkai.release.place import SITE
from gongkai.release.readable import FEW, LONG, readable, readable_lines
from gongkai.release.searching import Index, Seen
from gongkai.release.sound import look_over, searched
from gongkai.release.view import Expected
from gongkai.store.durable import stand_of

from .conftest import Publisher

NEW = "tide-2026-00001"
TITLES = ("ferry/2025/00001.html", "tide/2025/00001.html", "tide/2025/00002.html")


def folder_of(publisher: Publisher) -> Path:
    return publisher.place.folder(publisher.shown.name)


@pytest.fixture
def remembering(publisher: Publisher) -> tuple[Publisher, Memory]:
    """A publisher that stays, after one release of its own."""
    memory = Memory()
    publisher.publish(memory=memory, again=True)
    return publisher, memory


# The record


def test_what_a_process_remembers_is_what_stands_in_the_record(remembering):
    publisher, memory = remembering
    folder = folder_of(publisher)
    known = read_looked(folder, memory)
    assert known.lines is memory.looked.lines and known == read_looked(folder, Memory())
    assert len(known.lines) > 50 and [*known.lines] == sorted(known.lines)


@pytest.mark.parametrize("name", [FILE, MANIFEST])
def test_a_record_or_a_manifest_that_was_written_meanwhile_is_read_and_not_remembered(remembering, name):
    publisher, memory = remembering
    folder = folder_of(publisher)
    good = (folder / name).read_bytes()
    (folder / name).write_bytes(good[:-9] + b"x" + good[-8:])
    assert read_looked(folder, memory) == Looked(folder / SITE)
    (folder / name).write_bytes(good)
    assert len(read_looked(folder, memory).lines) > 50
    (folder / name).unlink()
    assert read_looked(folder, memory) == Looked(folder / SITE)


def test_a_process_that_stays_makes_the_manifest_that_another_makes(remembering, tmp_path):
    publisher, memory = remembering
    publisher.accept(NEW)
    publisher.moment = publisher.now()
    other = publisher.copied(tmp_path / "other")
    other.moment = publisher.moment
    publisher.publish(memory=memory)
    other.publish(again=True)
    one, two = (folder_of(p) / MANIFEST for p in (publisher, other))
    assert one.read_bytes() == two.read_bytes() and publisher.whole()


def test_another_release_than_the_remembered_one_is_read(remembering):
    publisher, memory = remembering
    publisher.accept(NEW)
    publisher.publish()  # by another process
    folder = folder_of(publisher)
    assert read_looked(folder, memory) == read_looked(folder, Memory()) != memory.looked


# Long files, line by line


def lines_of(count: int) -> list[bytes]:
    return [json.dumps({"n": n, "text": "水位" * 50}).encode() for n in range(count)]


def joined(lines: list[bytes]) -> bytes:
    return b'{"items": [\n' + b",\n".join(lines) + b"\n]}\n"


def test_json_is_well_formed_by_its_lines_only_if_it_is_as_a_whole():
    chance, lines = random.Random(20260302), lines_of(30)
    known = joined(lines)
    assert readable_lines(joined(lines), known) and readable_lines(joined(lines), b"")
    spoils = (b"", b",", b"{", b"}", b'"', b"0", b"]", b"\n", b"{}", b"{},\n{}", b'"a": {}', b"\xff", b"{}\n")
    wrong = 0
    for _ in range(2000):
        data = joined(lines)
        for _ in range(chance.randint(1, 2)):
            at = (
                chance.randrange(len(data))
                if chance.random() < 0.5
                else data.find(b"\n", chance.randrange(len(data)))
            )
            data = data[:at] + chance.choice(spoils) + data[at + chance.randint(0, 2) :]
        whole = readable("a.json", data)
        wrong += not whole
        assert whole or not readable_lines(data, known), data
    assert wrong > 500


def test_a_line_that_looks_like_one_object_and_is_two_is_not_taken_for_one():
    two = b'{"a": 1}, {"b": 2}'
    assert readable("a.json", joined([two])) and not readable_lines(joined([two]), b"")
    assert not readable_lines(b'{\n{"a": 1}\n}', b""), "an object is no key"


def test_a_long_file_with_a_spoilt_line_is_refused_also_when_all_others_are_known(tmp_path):
    lines = lines_of(LONG // 300)
    file = tmp_path / "site" / "items.json"
    file.parent.mkdir()
    file.write_bytes(joined(lines))
    first = look_over(file.parent, Expected(), Looked(file.parent)).looked
    assert first.lined == {"items.json"} and len(joined(lines)) > LONG
    new = tmp_path / "new"
    many = [b'{"n": %d}' % n for n in range(FEW + 1)]
    assert readable_lines(joined([*many, *lines]), joined(lines)), (
        "lines that stand elsewhere now are known all the same"
    )
    assert not readable_lines(joined([*many, b"{]}", *lines]), joined(lines))
    for spoilt, good in (
        (b'{"n": 1]', False),
        (b'{"n": 7}', True),
        (b'{"n": 1}, {"n": 2}', True),
        (b"{}{}", False),
    ):
        new.mkdir()
        (new / "items.json").write_bytes(joined([*lines[:9], spoilt, *lines[9:]]))
        said = [fault.text for fault in look_over(new, Expected(), first).faults]
        assert ("{path} cannot be read by programs" in said) is not good, spoilt
        shutil.rmtree(new)
    assert first.bytes_of("items.json")
    file.write_bytes(joined(lines)[:-2] + b"\n ")
    assert first.bytes_of("items.json") == b"", "what was not looked at is known for nothing"


# The search


@pytest.fixture
def asked(publisher: Publisher) -> Expected:
    """The titles of three items, and the pages that the search holds."""
    pages = {path: publisher.page(path) for path in TITLES}
    titles = tuple(
        (text.split("<h1", 1)[1].split(">", 1)[1].split("<", 1)[0].strip(), p) for p, text in pages.items()
    )
    return Expected(titles=titles, searchable=frozenset(TITLES))


def test_an_index_that_is_still_the_same_is_asked_without_reading_it(publisher, asked, tmp_path):
    shutil.copytree(publisher.site.resolve() / "search", tmp_path / "search")
    faults, seen = searched(tmp_path, asked, Seen())
    assert faults == [] and seen.held and len(seen.pages) >= 1
    for name in seen.digests:
        if name != "rows.bin":
            (tmp_path / "search" / name).write_bytes(b"what nobody reads")
    assert searched(tmp_path, asked, seen) == (faults, seen)
    for name in seen.digests.keys() - {"rows.bin"}:  # each is read as soon as it is not known
        others = seen.of({f"search/{n}" for n in seen.digests}, {f"search/{name}"})
        assert [f.text for f in searched(tmp_path, asked, others)[0]] == [
            "the search index cannot be read: {reason}"
        ]


def test_a_known_file_that_the_directory_does_not_mean_is_refused(publisher, asked):
    faults, seen = searched(publisher.site, asked, Seen())
    name = next(name for name in seen.digests if name.startswith("t/"))
    other = replace(seen, digests={**seen.digests, name: "000000"})
    assert faults == []
    assert [f.text for f in searched(publisher.site, asked, other)[0]] == [
        "the search index cannot be read: {reason}"
    ]


def test_what_was_found_does_not_count_when_items_are_numbered_in_another_way(publisher):
    title, page = "航标灯器更换安排", TITLES[0]
    publisher.accept(NEW, title=title)
    publisher.publish()
    folder = publisher.site / "search"
    plain = Index(folder)
    assert plain.finds(title, "tide/2026/00001.html") and not plain.finds(title, page)
    seen = plain.seen
    believed = {(name, plain.pages.index(page), term) for name, _, term in seen.held}
    assert Index(folder, replace(seen, held=believed)).finds(title, page), "what is known is believed"
    assert not Index(folder, replace(seen, held=believed, order=[[1], [[1, 1]]])).finds(title, page)
    assert not Index(folder, replace(seen.of((), ()), held=believed)).finds(title, page)


def test_the_titles_that_the_search_does_not_find_are_named_with_and_without_what_is_known(publisher, asked):
    _, seen = searched(publisher.site, asked, Seen())
    more = replace(asked, titles=(*asked.titles, ("无此标题之事项", TITLES[0])))
    for known in (Seen(), seen):
        found = searched(publisher.site, more, known)[0]
        assert [f.text for f in found] == ["the search does not find {title} by its title"]


def test_a_file_of_the_last_release_that_lies_there_in_another_way_is_looked_at_again(remembering):
    publisher, memory = remembering
    folder = folder_of(publisher)
    known = read_looked(folder, memory)
    page = folder / SITE / TITLES[0]
    assert known.stand(TITLES[0]) == stand_of(page) and list(known.others(known.stands)) == []
    page.write_bytes(page.read_bytes() + b" ")
    there = {**known.stands, "ferry/2025/": {**known.stands["ferry/2025/"], "00001.html": stand_of(page)}}
    assert list(known.others(there)) == [TITLES[0]]
