"""The pairs of many texts at once are those of each text by itself, whatever the texts hold."""

from hypothesis import example, given
from hypothesis import strategies as st

from gongkai.portal.search_pairs import paired
from gongkai.portal.search_terms import normal, pairs

TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("潮汐表灯塔，。〔〕 \nabAB12①㎡ﾊﾞ가각한é"),
        st.characters(),
    ),
    max_size=30,
)


def opened(data: bytes) -> dict[int, int]:
    """The ranks of one term's postings, each with its flag."""
    found, rank, at = {}, 0, 0
    while at < len(data):
        value, shift = 0, 0
        while data[at] > 127:
            value, shift, at = value | (data[at] & 127) << shift, shift + 7, at + 1
        value, at = value | data[at] << shift, at + 1
        rank += value >> 1
        found[rank] = value & 1
    return found


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
@example([("国办发〔2023〕45号", "ＡＢＣ　㎡"), ("", ""), ("e\u0301", "각")])
def test_many_texts_at_once_give_the_terms_of_each(rows):
    made = {t: opened(d) for t, d in paired([t for t, _ in rows], [x for _, x in rows]).items()}
    for rank, (title, text) in enumerate(rows):
        signs = {c for c in normal(title) if c.isalnum()}
        wanted = dict.fromkeys(pairs([text]), 0) | dict.fromkeys(pairs([title]) | signs, 1)
        assert {term: held[rank] for term, held in made.items() if rank in held} == wanted


def test_ranks_beyond_one_byte_are_held():
    texts = ["灯塔" if n in (0, 1, 70, 3000) else "" for n in range(4096)]
    assert list(opened(paired([""] * 4096, texts)["灯塔"])) == [0, 1, 70, 3000]
