"""What is seen of a page out of a mould, with what its mould is known for, is all that is seen of the whole page."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongkai.portal.glance import Glance
from gongkai.portal.sights import Poured, Shape, addresses, loading

SCRAPS = (
    'href="', 'src="', "href=", "hr", "ef=", '"', ">", "<", "<link ", "<im", "g ", "<sty", "le", "<style>", "<a ", "x.html", "#here",
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
@given(PIECES)
def test_nothing_on_a_page_is_out_of_sight(pieces: list[bytes]) -> None:
    shape, whole = Shape(pieces), b"".join(pieces)
    page = poured(pieces, shape)
    own = addresses(whole) - addresses(page.own) - shape.addresses - shape.anchors
    assert all(url[:1] == b"#" and b' id="%b"' % url[1:] in whole for url in own)
    assert loading(whole) <= loading(page.own) | shape.loading


@settings(max_examples=200, deadline=None)
@given(PIECES, st.lists(TEXT, min_size=6, max_size=6))
def test_pages_out_of_moulds_are_doubted_whenever_they_are_as_plain_bytes(
    pieces: list[bytes], others: list[bytes]
) -> None:
    shape, again = Shape(pieces), pieces.copy()
    again[1::2] = others[: len(pieces) // 2]
    plain, known = Glance("/"), Glance("/")
    for path, filled in (("a/1.html", pieces), ("a/2.html", again), ("b/3.html", again)):
        plain.at(path, b"".join(filled))
        known.at(path, poured(filled, shape))
    assert known.seen.wrong or not plain.seen.wrong
    assert known.seen.files >= plain.seen.files
    assert known.seen.anchors >= plain.seen.anchors
