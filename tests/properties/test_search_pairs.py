"""The pairs of many texts at once are those of each text by itself, whatever the texts hold."""

from collections.abc import Sequence
from itertools import zip_longest

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gongkai.portal.search_mend import MOST, Shelves, files_of
from gongkai.portal.search_pairs import Keys, paired
from gongkai.portal.search_segments import counted, segments
from gongkai.portal.search_stock import LONGER, SHORT, Stock
from gongkai.portal.search_terms import VALUE, Held, known, normal, pairs, spread, terms

TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("潮汐表灯塔，。〔〕 \nabAB12①㎡ﾊﾞ가각한é𠮷𠀀"),
        st.characters(),
    ),
    max_size=30,
)

MORE = [
    ("灯塔…", "".join(chr(0x4E00 + (n * 79 + at * 31) % 500) for at in range(120)) * 2) for n in range(600)
]
"""More texts, and more keys, than are gone over at a time."""
SHARED = "#epzfjrin2024", "#wucsfbod2024"
"""Two terms with one name, as of a hundred thousand million pairs hardly one has."""
NONE: Held = ({}, {})


def opened(tables: tuple[Keys, Keys]) -> dict[tuple[bool, int], dict[int, int]]:
    """Of each term the ranks that hold it, each with its flag."""
    found: dict[tuple[bool, int], dict[int, int]] = {}
    for longer, keys in enumerate(tables):
        assert keys.tolist() == sorted(keys.tolist())
        for key in keys.tolist():
            value = key & ((1 << VALUE) - 1)
            ranks = found.setdefault((bool(longer), key >> VALUE), {})
            assert value >> 1 not in ranks, "of one term in one item there is one key"
            ranks[value >> 1] = value & 1
    return found


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
@example([("国办发〔2023〕45号", "ＡＢＣ　㎡"), ("", ""), ("e\u0301", "각")])
@example([("𠮷野家", "見𠮷 𠀀 İstanbul ﬁ Σ")])
@example([("ΟΔΟΣ", "αΣ α\U0001d6ba ΑΣΑ")])
def test_many_texts_at_once_give_the_terms_of_each(rows):
    assert_each_has_its_own(rows)


def test_more_texts_than_are_gone_over_at_a_time_give_the_terms_of_each():
    assert_each_has_its_own(MORE)


def assert_each_has_its_own(rows: list[tuple[str, str]]) -> None:
    """The terms of all titles and texts are those of each by itself."""
    numbers = [[f"#n{rank % 3}"] * 2 for rank in range(len(rows))]
    made = opened(paired([title for title, _ in rows], [text for _, text in rows], numbers))
    for rank, (title, text) in enumerate(rows):
        signs = {c for c in normal(title) if c.isalnum()}
        wanted = dict.fromkeys(pairs([text]), 0) | dict.fromkeys({*pairs([title]), *signs, *numbers[rank]}, 1)
        held = {term: ranks[rank] for term, ranks in made.items() if rank in ranks}
        assert held == {known(term): flag for term, flag in wanted.items()}


def stocked(rows: list[tuple[str, str]], numbers: Sequence[Sequence[str]] = ()) -> Stock:
    """What a part of these titles, texts and numbers is found by; each shows itself."""
    short, longer = paired([title for title, _ in rows], [text for _, text in rows], numbers)
    owns = tuple(repr(row).encode() for row in zip_longest(rows, numbers))
    return Stock(b"", owns, counted(short, SHORT), counted(longer, LONGER))


ROWS = st.lists(st.tuples(TEXTS, TEXTS, st.lists(st.sampled_from(["#n1", *SHARED]))), min_size=1, max_size=6)


@given(ROWS, ROWS, st.sampled_from([1, 4, 256]))
@example([("灯塔", "灯塔", [])] * 300, [("灯塔", "灯", ["#n1"])] + [("灯塔", "灯塔", [])] * 299, 1)
@example([("灯塔", "", [SHARED[0]])] * 2, [("灯塔", "", [SHARED[0]]), ("灯塔", "", [SHARED[1]])], 4)
def test_a_part_that_is_mended_is_as_one_that_is_computed(before, after, files):
    old, new = (stocked([row[:2] for row in rows], [row[2] for row in rows]) for rows in (before, after))
    mended = Shelves(old).mended(new.owns, lambda rank: terms(*after[rank]) if rank < len(after) else NONE)
    assert mended is not None
    shelves, edits = mended
    assert shelves.stock == new
    were, are = segments(old, files), segments(new, files)
    assert dict(shelves.segments(files_of(edits, files), files)) == {
        n: segment for n, segment in enumerate(are) if segment != were[n]
    }


@pytest.mark.parametrize("order", [SHARED, SHARED[::-1]])
def test_terms_that_share_a_name_are_found_together(order):
    assert opened(paired(["", ""], ["", ""], [[term] for term in order])) == {known(SHARED[0]): {0: 1, 1: 1}}


def test_a_part_of_which_much_changed_is_not_mended():
    rows = [(str(n), "") for n in range(MOST + 1)]
    assert Shelves(stocked(rows)).mended(stocked([("", "")]).owns * (MOST + 1), lambda _: NONE) is None


@given(
    st.sets(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2), max_size=50)
)
def test_no_two_short_terms_stand_at_one_place(terms):
    short = {term for term in terms if len(term.encode("utf-16-be")) <= 4 and "\0" not in term}
    assert len({spread(term) for term in short}) == len(short)
