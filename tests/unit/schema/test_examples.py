"""The examples under tests/examples/schemas, found by folder, judged by us and by other validators."""

from collections import Counter

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT7
from schema_examples import CASES, ROOT, document, expectations, name_of, schema_path, told

from gongkai.schema.explain import make_explainer, strict_checker
from gongkai.schema.formats import FORMATS
from gongkai.schema.judge import BASE, resources

OWN = {"retention", "deadline"}  # said by keywords of our own, which other validators do not know


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_an_example_finds_exactly_what_it_lists(case, library):
    assert told(library, case) == expectations(case)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_bad_example_lists_faults_and_a_good_one_lists_warnings_only(case):
    listed = [part.split()[-1] for part in expectations(case)]
    if case.name.startswith("bad-"):
        assert listed
    else:
        assert set(listed) <= {"legacy_required"}


def test_every_type_and_settings_file_has_two_good_and_three_bad_examples(library):
    names = {*library.types, *(f"config-{name}" for name in library.configs)}
    good = Counter(c.parent.name for c in CASES if c.name.startswith("good-"))
    bad = Counter(c.parent.name for c in CASES if c.name.startswith("bad-"))
    assert {n for n in names if good[n] < 2 or bad[n] < 3} == set()


def _draft7(documents, path):
    named = ((uri, DRAFT7.create_resource(value)) for uri, value in resources(documents))
    registry = Registry().with_resources(named)
    # Nothing but the base address, so that relative references work as they do in an editor.
    return jsonschema.Draft7Validator(
        {"$ref": BASE + path}, registry=registry, format_checker=strict_checker()
    )


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_all_validators_and_drafts_give_the_same_verdict(case, library):
    judge = library.judges[schema_path(case).removeprefix("schemas/").removesuffix(".schema.json")]
    value, path = document(case), schema_path(case)
    sound = judge.fast.is_valid(value)
    slow = make_explainer(BASE + path, resources(judge.documents)).is_valid(value)
    older = _draft7(judge.documents, path).is_valid(value)
    registry = jsonschema_rs.Registry(list(resources(judge.documents)), draft=jsonschema_rs.Draft7)
    schema = {k: v for k, v in judge.schema.items() if k != "$schema"}
    seventh = jsonschema_rs.Draft7Validator(
        schema,
        registry=registry,
        base_uri=BASE + path,
        formats=dict(FORMATS),
        validate_formats=True,
        offline=True,
    ).is_valid(value)
    assert (sound, slow, older, seventh) == (sound,) * 4
    said = {part.split()[-1] for part in expectations(case)} - OWN
    assert sound is not bool(said)


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").rglob("*.json")), ids=lambda p: p.name)
def test_every_schema_loads_under_draft_7_too(path, library):
    schema = next(iter(library.judges.values())).documents.values[str(path.relative_to(ROOT))]
    jsonschema.Draft7Validator.check_schema({k: v for k, v in schema.items() if k != "$schema"})
