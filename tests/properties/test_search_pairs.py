"""The pairs of many texts at once are those of each text by itself, whatever the texts hold."""

from hypothesis import example, given
from hypothesis import strategies as st

from gongkai.portal.search_pairs import VALUE, paired
from gongkai.portal.search_terms import normal, pairs, spread

TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("潮汐表灯塔，。〔〕 \nabAB12①㎡ﾊﾞ가각한é𠮷𠀀"),
        st.characters(),
    ),
    max_size=30,
)


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
def test_many_texts_at_once_give_the_terms_of_each(rows):
    made = opened([title for title, _ in rows], [text for _, text in rows])
    for rank, (title, text) in enumerate(rows):
        signs = {c for c in normal(title) if c.isalnum()}
        wanted = dict.fromkeys(pairs([text]), 0) | dict.fromkeys(pairs([title]) | signs, 1)
        held = {term: ranks[rank] for term, ranks in made.items() if rank in ranks}
        assert held == {place(term): flag for term, flag in wanted.items()}


@given(
    st.sets(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2), max_size=50)
)
def test_no_two_short_terms_stand_at_one_place(terms):
    short = {term for term in terms if len(term.encode("utf-16-be")) <= 4 and "\0" not in term}
    assert len({spread(term) for term in short}) == len(short)
