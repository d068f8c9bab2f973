"""What is seen of a page out of a mould, with what its mould is known for, is all that is seen of the whole page."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongkai.portal.glance import Glance
from gongkai.portal.lists import Entry
from gongkai.portal.pieces import Pieces
from gongkai.portal.sights import Poured, Shape, addresses, loading

SCRAPS = (
    'href="', 'src="', "href=", "hr", "ef=", '"', ">", "<", "<link ", 'rel="canonical"', "<im", "g ", "<sty", "le", "<style>",
    "<a ", "x.html", "#here",
    '<a class="x" href="1.html">', '<img src="2.png" alt="">', ' id="here"', "文字", " ", "=", '<link rel="icon" href="3.svg">',
)  # fmt: skip
TEXT = st.lists(st.sampled_from(SCRAPS), max_size=8).map(lambda scraps: "".join(scraps).encode())
PIECES = st.lists(TEXT, min_size=1, max_size=7).filter(lambda pieces: len(pieces) % 2 == 1)


def poured(pieces: list[bytes], shape: Shape) -> Poured:
    """The page whose holes are filled with every second one of the pieces."""
    page = Poured(b"".join(pieces))
    page.shape, page.own = shape, shape.own(pieces[1::2])
    return page


@settings(max_examples=400, deadline=None)
@example([b'<a href="', b"1.html", b'">'])
@example([b"<im", b"", b'g src="', b"2", b'.png" alt="x">'])
@example([b'><p class="a" id="b">hr', b'ef="1', b"", b'" ', b'2.html">'])
@example([b'<p class="words">', b"a = b", b"</p>"])
@given(PIECES)
def test_nothing_on_a_page_is_out_of_sight(pieces: list[bytes]) -> None:
    shape, whole = Shape(pieces, range(len(pieces) // 2)), b"".join(pieces)
    page = poured(pieces, shape)
    own = addresses(whole) - addresses(page.own) - shape.addresses - shape.anchors
    assert all(url[:1] == b"#" and b' id="%b"' % url[1:] in whole for url in own)
    assert loading(whole) <= loading(page.own) | shape.loading


@settings(max_examples=200, deadline=None)
@given(PIECES, st.lists(TEXT, min_size=6, max_size=6))
def test_pages_out_of_moulds_are_doubted_whenever_they_are_as_plain_bytes(
    pieces: list[bytes], others: list[bytes]
) -> None:
    shape, again = Shape(pieces, range(len(pieces) // 2)), pieces.copy()
    again[1::2] = others[: len(pieces) // 2]
    plain, known = Glance("/"), Glance("/")
    for path, filled in (("a/1.html", pieces), ("a/2.html", again), ("b/3.html", again)):
        plain.at(path, b"".join(filled))
        known.at(path, poured(filled, shape))
    assert known.seen.wrong or not plain.seen.wrong
    assert known.seen.files >= plain.seen.files
    assert known.seen.anchors >= plain.seen.anchors


@settings(max_examples=300, deadline=None)
@given(PIECES, st.data())
def test_where_a_hole_lies_between_tags_whole_tags_can_be_seen_by_themselves(
    pieces: list[bytes], data: st.DataObject
) -> None:
    """So the lines of a list need not be seen again together with what is around them."""
    shape = Shape(pieces)
    holes = [number for number, between in enumerate(shape.between) if between]
    if holes:
        number = data.draw(st.sampled_from(holes))
        pieces[1 + 2 * number] = b'<li><a href="1.html">2</a></li>'
        whole, texts = b"".join(pieces), pieces[1::2]
        texts[number] = b""
        own = shape.own(texts)
        assert addresses(whole) <= addresses(own) | shape.addresses | shape.anchors | {b"1.html"}
        assert loading(whole) <= loading(own) | shape.loading


def test_words_between_tags_are_not_gone_through_for_addresses():
    shape = Shape([b'<p class="a">', b"", b"</p>"], [0])
    assert b"words" not in shape.own([b"words"])
    assert b"1.html" in shape.own([b'<a href="1.html">words</a>'])


def test_a_line_of_a_list_that_leads_nowhere_is_noted():
    entry = Entry("tide/2024/1.html", 'href="x.html"', "2024-01-01", "tide", "", (), "")
    lines = Pieces("zh", {}).lines_of(lambda path: f"../{path}", [entry])
    assert lines.ways == ["../tide/2024/1.html"]
    shape = Shape([b'<ul class="a">', b"", b"</ul>"])
    page = Poured(b"".join([b'<ul class="a">', lines.encode(), b"</ul>"]))
    page.shape, page.own, page.ways = shape, shape.own([b""]), lines.ways
    glance = Glance("/")
    glance.at("archive/1.html", page)
    assert glance.seen.files == {"tide/2024/1.html"}
    glance.at("1.html", page)
    assert glance.seen.wrong
