"""A changed path is laid into a tree as git's own index would lay it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.store import objects as module
from gongkai.store.git import Repository
from gongkai.store.objects import Objects

PATHS = ("a", "b/c", "b/d/e", "b.txt", "b-x/y", "content/潮/1.md", "content/潮/2.md", "z/z/z/z")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bare.git")
    objects = Objects(Repository(folder))
    objects.git("init", "-q", "--bare", ".")
    return objects


def by_index(objects, base, changes):
    few, module.FEW = module.FEW, -1
    try:
        return objects.overlay(base, changes)
    finally:
        module.FEW = few


@given(
    st.dictionaries(st.sampled_from(PATHS), st.sampled_from(["1", "2"]), min_size=1),
    st.dictionaries(st.sampled_from(PATHS), st.sampled_from(["", "1", "3"]), min_size=1),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_tree_with_changed_paths_is_the_one_that_an_index_gives(bare, first, then):
    base = by_index(bare, "", {path: bare.write_blob(text.encode()) for path, text in first.items()})
    changes = {path: text and bare.write_blob(text.encode()) for path, text in then.items()}
    assert bare.overlay(base, changes) == by_index(bare, base, changes)
    assert bare.git("fsck", "--no-dangling", "--strict") == b""


def test_what_stands_in_the_way_of_a_path_gives_way_as_in_an_index(bare):
    blob = bare.write_blob(b"x")
    base = by_index(bare, "", {"a/b": blob, "c": blob})
    for changes in ({"a": blob}, {"c/d": blob}, {"c": "", "c/d": blob}, {"a": ""}, {"c/d": ""}):
        assert bare.overlay(base, changes) == by_index(bare, base, changes)
