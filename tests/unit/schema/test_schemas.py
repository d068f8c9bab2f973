"""The engine's own schemas: sound, readable in two languages, and the same for every editor."""

import json
import re

import pytest
from schema_examples import ROOT

from gongkai.schema.keywords import KEYWORDS
from gongkai.schema.sound import subschemas

FILES = sorted((ROOT / "schemas").rglob("*.json"))
TYPES = sorted((ROOT / "schemas" / "items").glob("*.json"))
NEWER = {"$dynamicRef", "$dynamicAnchor", "unevaluatedProperties", "unevaluatedItems", "prefixItems"}
NEWER |= {"dependentRequired", "dependentSchemas", "minContains", "maxContains", "$anchor"}


def _parts(path):
    return list(subschemas(json.loads(path.read_text(encoding="utf-8"))))


def test_the_schemas_of_this_repository_are_sound(library):
    assert library.faults == ()
    assert len(library.types) == 16 and len(library.configs) == 9


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_schema_uses_only_what_draft_7_editors_read_the_same(path):
    for at, part in _parts(path):
        assert not NEWER & set(part), at
        # Draft 7 ignores everything beside a reference.
        assert "$ref" not in part or set(part) == {"$ref"}, at
    assert "oneOf" not in json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_titled_thing_has_chinese_and_english(path):
    for at, part in _parts(path):
        for key in ("title", "description"):
            if key in part:
                assert re.search("[\u4e00-\u9fff]", part[key]) or part[key] == "ICP备案号", at
                assert part["x-i18n"][key]["en"], at


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_choice_is_labelled(path):
    for at, part in _parts(path):
        if "enum" in part and "if" not in at:
            assert "x-labels" in part, at


@pytest.mark.parametrize("path", TYPES, ids=lambda p: p.name)
def test_a_type_says_column_review_retention_and_deadline_and_lists_all_common_fields(path, library):
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert {"x-column", "x-review", "x-retention", "x-deadline", "x-legacy-optional"} <= set(schema)
    assert schema["additionalProperties"] is False
    assert schema["patternProperties"] == {"^x_": True}
    common = json.loads((ROOT / "schemas/common.schema.json").read_text(encoding="utf-8"))["$defs"]
    shared = set(library.types["news"].fields) & set(common)
    assert len(shared) > 30 and shared <= set(schema["properties"])


@pytest.mark.parametrize("path", TYPES, ids=lambda p: p.name)
def test_every_field_of_a_type_has_titles_in_both_languages(path, library):
    kind = library.types[path.name.removesuffix(".schema.json")]
    for info in kind.fields.values():
        assert info.title.zh and info.title.en and info.title.zh != info.name, info.name


@pytest.mark.parametrize("path", TYPES, ids=lambda p: p.name)
def test_an_old_item_may_lack_every_field_but_the_four_that_make_it_an_item(path, library):
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert {*schema["required"]} - {*schema["x-legacy-optional"]} == {"id", "type", "title", "department"}


def test_every_example_in_a_schema_is_good_by_that_schema(library):
    from jsonschema import Draft202012Validator

    for judge in library.judges.values():
        for at, part in subschemas(judge.whole):
            for example in part.get("examples", ()):
                assert Draft202012Validator(dict(part)).is_valid(example), (judge.path, at, example)


def test_every_keyword_of_ours_is_used_by_a_schema():
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert [name for name in KEYWORDS if f'"{name}"' not in text] == []
