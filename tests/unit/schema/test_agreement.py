"""The fast yes and the explained no are two libraries: they must agree, and every no must be explained."""

import copy

from hypothesis import example, given, settings
from hypothesis import strategies as st
from schema_examples import CASES, document, schema_path

ODD = [
    *(None, True, False, 0, 1, -1, 1.0, 2.5, 1e300, 10**25),
    *("", " ", "\u3000", "a\n", "\n", "潮汐", "\x1c", "\ufeff", "x" * 1001, "\U0001f30a" * 1000),
    *("2024-02-30", "2024-04-18", "2024-04-18\n", "２０２４-04-18", "2024-08-31T09:30:00+08:00", "a@b.cn"),
    *("tide-2024-00001", "tide-2024-00001\n", "tide-２０２４-00001", "proactive", "withheld", "public"),
    *([], [None], ["a", "a"], [1, 1.0, True], {}, {"zh": "甲"}, {"zh": 1}),
    *({"file": "a/b", "title": "x"}, {"present": True}),
]
KEYS = ["x_own", "标题", "titel", "legacy", "update_type", "openness"]
DOCUMENTS = [(schema_path(case), document(case)) for case in CASES]


def places(value, at=()):
    yield at
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, child in children:
        yield from places(child, (*at, step))


def replaced(value, at, new):
    if not at:
        return new
    value[at[0]] = replaced(value[at[0]], at[1:], new)
    return value


@st.composite
def spoilt(draw):
    path, good = draw(st.sampled_from(DOCUMENTS))
    value = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(sorted(places(value), key=str)))
        value = replaced(value, at, copy.deepcopy(draw(st.sampled_from(ODD))))
        if isinstance(value, dict) and draw(st.booleans()):
            value[draw(st.sampled_from(KEYS))] = "x"
    return path, value


@settings(max_examples=400, deadline=None)
@example(("schemas/config/topics.schema.json", {"topics": [{"code": "a\n", "title": "x"}]}))
@given(spoilt())
def test_the_fast_and_the_slow_validator_agree_and_every_no_is_explained(library, case):
    path, value = case
    judge = library.judges[path.removeprefix("schemas/").removesuffix(".schema.json")]
    verdict = judge.fast.is_valid(value)
    assert judge.explainer.is_valid(value) is verdict
    found = judge.faults(value)
    if not verdict:
        assert found
    pointers = [fault.pointer for fault in found if fault.keyword != "deadline"]
    assert len(pointers) == len(set(pointers))
