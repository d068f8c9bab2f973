"""A long document of rows is written as the standard library writes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gongkai.portal.xml_writer import document, element, listing, tree

ROWS = st.lists(st.lists(st.tuples(st.sampled_from(["loc", "lastmod"]), st.text()), min_size=1), max_size=4)


@given(ROWS)
def test_rows_are_written_as_a_tree_of_elements_is(rows: list[list[tuple[str, str]]]) -> None:
    rows = [[pair for pair in row if pair[1]] or [("loc", "x")] for row in rows]
    elements = (tree("url", {}, [element(name, text) for name, text in row]) for row in rows)
    assert listing("urlset", {"xmlns": "http://x/"}, "url", map(tuple, rows)) == document(
        tree("urlset", {"xmlns": "http://x/"}, elements)
    )


def test_a_row_leaves_out_what_it_does_not_say() -> None:
    assert b"lastmod" not in listing("urlset", {}, "url", [(("loc", "http://x/"), ("lastmod", ""))])
