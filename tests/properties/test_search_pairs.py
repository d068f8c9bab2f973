"""The pairs of many texts at once are those of each text by itself, whatever the texts hold."""

from hypothesis import example, given
from hypothesis import strategies as st

from gongkai.portal.search_mend import MOST, Shelves, files_of
from gongkai.portal.search_pairs import paired
from gongkai.portal.search_segments import counted, segments
from gongkai.portal.search_stock import Stock, one_each
from gongkai.portal.search_terms import VALUE, long_name, normal, pairs, spread, terms

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


def opened(titles: list[str], texts: list[str]) -> dict[int | str, dict[int, int]]:
    """Of each term the ranks that hold it, each with its flag; short terms by where they stand, longer ones by name."""
    keys, others = paired(titles, texts)
    found: dict[int | str, dict[int, int]] = {}
    for key in keys.tolist():
        value = key & ((1 << VALUE) - 1)
        assert value >> 1 not in found.setdefault(key >> VALUE, {}), (
            "of one term in one item there is one key"
        )
        found[key >> VALUE][value >> 1] = value & 1
    for term, values in others.items():
        found[term] = {value >> 1: value & 1 for value in sorted(values)}
    return found


def place(term: str) -> int | str:
    """Where a term is looked for."""
    return spread(term) if len(term.encode("utf-16-be", "surrogatepass")) <= 4 else term


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
    made = opened([title for title, _ in rows], [text for _, text in rows])
    for rank, (title, text) in enumerate(rows):
        signs = {c for c in normal(title) if c.isalnum()}
        wanted = dict.fromkeys(pairs([text]), 0) | dict.fromkeys(pairs([title]) | signs, 1)
        held = {term: ranks[rank] for term, ranks in made.items() if rank in ranks}
        assert held == {place(term): flag for term, flag in wanted.items()}


def stocked(rows: list[tuple[str, str]]) -> Stock:
    """What a part of these titles and texts is found by; each shows itself."""
    keys, others = paired([title for title, _ in rows], [text for _, text in rows])
    owns = tuple(repr(row).encode() for row in rows)
    return Stock(b"", owns, *counted(keys), {term: one_each(values) for term, values in others.items()})


ROWS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6)


@given(ROWS, ROWS, st.sampled_from([1, 4, 256]))
@example([("灯塔", "灯塔") for _ in range(300)], [("灯塔", "灯")] + [("灯塔", "灯塔") for _ in range(299)], 1)
def test_a_part_that_is_mended_is_as_one_that_is_computed(before, after, files):
    old, new = stocked(before), stocked(after)
    mended = Shelves(old).mended(new.owns, lambda rank: terms(*after[rank]) if rank < len(after) else {})
    assert mended is not None
    shelves, edits = mended
    assert shelves.stock == new
    were, are = segments(old, files), segments(new, files)
    assert dict(shelves.segments(files_of(edits, files), files)) == {
        n: segment for n, segment in enumerate(are) if segment != were[n]
    }


def test_terms_that_share_a_name_stand_in_one_order_whoever_writes_them():
    assert len({long_name(term.encode()) for term in SHARED}) == 1
    held = dict(zip(SHARED, ((9, 41), (3,)), strict=True))
    stocks = [
        stocked([("灯塔", "潮汐")])._replace(others={term: held[term] for term in order})
        for order in (SHARED, SHARED[::-1])
    ]
    for files in (1, 4, 256):
        one, other = (segments(stock, files) for stock in stocks)
        assert one == other == [segment for _, segment in Shelves(stocks[0]).segments(range(files), files)]


def test_a_part_of_which_much_changed_is_not_mended():
    rows = [(str(n), "") for n in range(MOST + 1)]
    assert Shelves(stocked(rows)).mended(stocked([("", "")]).owns * (MOST + 1), terms) is None


@given(
    st.sets(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2), max_size=50)
)
def test_no_two_short_terms_stand_at_one_place(terms):
    short = {term for term in terms if len(term.encode("utf-16-be")) <= 4 and "\0" not in term}
    assert len({spread(term) for term in short}) == len(short)
