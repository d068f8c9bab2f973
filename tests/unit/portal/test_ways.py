"""The ways from a folder are those that MkDocs reckons for each page of it."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from hypothesis import example, given
from hypothesis import strategies as st
from mkdocs.utils import normalize_url

from gongkai.portal.ways import Ways

names = st.sampled_from(
    ["tide", "2024", "index.html", "00001.html", "a", "b c", "公告", "x?y=1", "..", ".", "", "p:q", "\\"]
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
others = st.sampled_from(
    [
        "",
        "#top",
        "mailto:a@b.example",
        "https://x.example/a/b",
        "//x.example/y",
        "/a",
        "tel:1",
        "a#b/c",
        "../../..",
        " a/b",
    ]
)


@given(
    st.lists(st.sampled_from(["tide", "2024", "a", "公告"]), max_size=3).map("/".join),
    st.lists(paths | others),
)
@example("tide/2024", ["tide", "tide/2024", "tide/2024/", "tide/x.html", "x.html", "x.html"])
def test_a_way_is_the_one_that_mkdocs_reckons(folder, addresses):
    page = SimpleNamespace(url=f"{folder}/page.html" if folder else "page.html")
    ways = Ways(folder, partial(normalize_url, page=page))
    for address in addresses:
        assert ways.to(address) == normalize_url(address, page)
