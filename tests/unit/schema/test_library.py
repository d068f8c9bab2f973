"""An adopter's own types, and schemas that are themselves wrong."""

import json
import socket
import subprocess
import sys

import pytest
from schema_examples import ROOT

from gongkai.model.item import Item
from gongkai.model.message import Words, english
from gongkai.schema.library import read_types
from gongkai.store.tree import FolderTree

TABLE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://www.tide.yundu.example/schemas/tide_table/v1.json",
    "title": "潮汐表",
    "x-i18n": {"title": {"en": "Tide table"}},
    "x-column": "dynamics",
    "x-retention": "30y",
    "x-deadline": {"submit": {"from": "month", "within": {"working_days": 5}}},
    "type": "object",
    "required": ["id", "type", "title", "station", "month", "heights"],
    "properties": {
        "id": {"$ref": "../common.schema.json#/$defs/id"},
        "type": {"const": "tide_table"},
        "title": {"$ref": "../common.schema.json#/$defs/title"},
        "retention": {"$ref": "../common.schema.json#/$defs/retention"},
        "station": {"title": "验潮站", "x-i18n": {"title": {"en": "Station"}}, "enum": ["east", "west"],
                    "x-labels": {"east": {"zh": "东港", "en": "East"}, "west": {"zh": "西港", "en": "West"}}},
        "month": {"title": "月份", "type": "string", "pattern": "^\\d{4}-\\d{2}$"},
        "heights": {"title": "潮高", "type": "array", "items": {"type": "number"}, "minItems": 1},
    },
    "patternProperties": {"^x_": True},
    "additionalProperties": False,
}  # fmt: skip
ITEM = {
    "id": "tide-2024-00001",
    "type": "tide_table",
    "title": "潮汐表",
    "station": "east",
    "month": "2024-08",
    "heights": [1.5],
}


def put(portal, name, schema):
    if isinstance(schema, dict):
        schema = json.dumps(schema, ensure_ascii=False, indent=2)
    data = schema.encode() if isinstance(schema, str) else schema
    (portal / "schemas" / "items" / f"{name}.schema.json").write_bytes(data)


def changed(**parts):
    return TABLE | parts


def with_field(**part):
    return TABLE | {"properties": TABLE["properties"] | {"station": part}}


def judged(library, **changes):
    fields = {k: v for k, v in (ITEM | changes).items() if v != "absent"}
    return [(f.keyword, f.pointer) for f in library.judge(Item("x.yml", "yml", fields))]


def test_a_type_of_ones_own_is_read_and_judged_with_no_code_touched(portal):
    put(portal, "tide_table", TABLE)
    library = read_types(FolderTree(portal))
    kind = library.types["tide_table"]
    assert library.faults == ()
    assert (kind.title, kind.column, kind.retention) == (Words("潮汐表", "Tide table"), "dynamics", "30y")
    assert kind.deadlines["submit"].anchors[0].field == "month"
    assert kind.fields["station"].label("east") == Words("东港", "East")
    assert kind.fields["title"].common and not kind.fields["station"].common
    assert judged(library) == []
    assert judged(library, month="2024-8", station="north") == [
        ("pattern", ("month",)),
        ("choice", ("station",)),
    ]
    assert judged(library, heights=[], retention="10y") == [
        ("too_few", ("heights",)),
        ("retention", ("retention",)),
    ]


def test_a_type_without_own_keywords_has_quiet_defaults(portal):
    put(portal, "tide_table", {k: v for k, v in TABLE.items() if not k.startswith("x-")})
    kind = read_types(FolderTree(portal)).types["tide_table"]
    assert (kind.column, kind.review, kind.retention, dict(kind.deadlines), kind.periods) == (
        "",
        "standard",
        "",
        {},
        (),
    )


def test_a_portal_without_schemas_has_no_types_and_no_faults(tmp_path):
    library = read_types(FolderTree(tmp_path))
    assert (dict(library.types), library.faults) == ({}, ())
    assert library.judge(Item("x.yml", "yml", ITEM)) == ()


def kept(**stage):
    return changed(**{"x-deadline": {"submit": stage}})


UNNAMED = changed(properties={"id": {"type": "string"}})
UNNAMED["x-deadline"] = {"confirm": {"from": "id", "within": {"days": 1}}}
NETWORK = "https://json-schema.org/draft/2020-12/schema"
CASES = {
    "not json": ('{\n  "title": "x",\n}', "json"),
    "not utf-8": ('{"title": "潮"}'.encode("gbk"), "text"),
    "a key twice": ('{"title": "x", "title": "y"}', "repeated"),
    "NaN": ('{"minimum": NaN}', "json"),
    "a list": ("[]", "schema"),
    "no JSON type": (with_field(type="strin"), "schema"),
    "required is a text": (changed(required="id"), "schema"),
    "a broken pattern": (with_field(pattern="("), "dialect"),
    "a pattern of another language": (with_field(pattern=r"^\p{Han}+$"), "dialect"),
    "a reference to nothing": (with_field(**{"$ref": "../common.schema.json#/$defs/nothing"}), "reference"),
    "a reference to a missing file": (with_field(**{"$ref": "../other.json"}), "reference"),
    "a reference to the network": (with_field(**{"$ref": NETWORK}), "reference"),
    "a misspelt own keyword": (changed(**{"x-deadlin": {}}), "unknown"),
    "a misspelt keyword": (with_field(patern="x"), "unknown"),
    "a wrong value": (changed(**{"x-retention": "20y"}), "value"),
    "a wrong deadline": (kept(**{"from": "month", "within": {"workdays": 5}}), "value"),
    "a deadline from no field": (kept(**{"from": "mnth", "within": {"days": 5}}), "field"),
    "an own keyword too deep": (with_field(**{"type": "string", "x-retention": "10y"}), "misplaced"),
    "labels that differ": (with_field(enum=["a"], **{"x-labels": {"b": {"zh": "乙", "en": "B"}}}), "labels"),
    "another type's name": (
        changed(properties=TABLE["properties"] | {"type": {"const": "tides"}}),
        "type_name",
    ),
    "no type's name": (UNNAMED, "type_name"),
}


LINES = {
    '{\n  "title": "x"\n  "type": "object"\n}': 3,
    '{\n  "title": "x",\n  "$defs": {"title": {}},\n  "title": "y"\n}': 4,
}


@pytest.mark.parametrize("text", LINES)
def test_the_line_of_broken_json_is_told(portal, text):
    put(portal, "tide_table", text)
    assert [fault.line for fault in read_types(FolderTree(portal)).faults] == [LINES[text]]


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_schema_is_one_fault_and_the_others_go_on(portal, name):
    schema, keyword = CASES[name]
    put(portal, "tide_table", schema)
    put(portal, "notes", changed(properties=TABLE["properties"] | {"type": {"const": "notes"}}))
    library = read_types(FolderTree(portal))
    (fault,) = library.faults
    assert (fault.path, fault.keyword) == ("schemas/items/tide_table.schema.json", keyword)
    assert set(library.types) == {"notes"} and library.broken == {"tide_table"}
    assert library.judge(Item("x.yml", "yml", ITEM)) == ()


def test_the_line_of_a_fault_is_that_of_the_wrong_value(portal):
    put(portal, "tide_table", changed(**{"x-retention": "20y"}))
    (fault,) = read_types(FolderTree(portal)).faults
    lines = (portal / fault.path).read_text(encoding="utf-8").split("\n")
    assert '"20y"' in lines[fault.line - 1] and lines[fault.line - 1][fault.column - 1 :].startswith('"20y"')
    assert dict(fault.holes) == {"name": "x-retention", "value": "20y"}


def test_a_misspelt_keyword_gets_a_proposal(portal):
    put(portal, "tide_table", changed(**{"x-retenton": "30y"}))
    (fault,) = read_types(FolderTree(portal)).faults
    assert dict(fault.holes) == {"name": "x-retenton", "nearest": "x-retention"}


def test_a_reason_for_broken_json_is_in_plain_words(portal):
    put(portal, "tide_table", '{"title": "x"')
    (fault,) = read_types(FolderTree(portal)).faults
    assert english(fault.holes["reason"]) == "a comma is missing here"


def test_broken_common_fields_are_one_fault_not_one_for_every_type(portal):
    put(portal, "tide_table", TABLE)
    (portal / "schemas" / "common.schema.json").write_text("{", encoding="utf-8")
    library = read_types(FolderTree(portal))
    assert [f.path for f in library.faults] == ["schemas/common.schema.json"]
    assert library.broken == {"tide_table"}


def test_a_schema_that_refers_to_itself_is_read_and_judged(portal):
    part = {"$ref": "#/$defs/tree"}
    tree = {
        "title": "树",
        "type": "object",
        "properties": {"inner": part, "name": {"type": "string"}},
        "additionalProperties": False,
    }
    put(
        portal,
        "tide_table",
        changed(**{"$defs": {"tree": tree}}, properties=TABLE["properties"] | {"tree": part}),
    )
    library = read_types(FolderTree(portal))
    assert library.faults == ()
    found = judged(library, tree={"inner": {"inner": {"name": 3}}})
    assert found == [("type", ("tree", "inner", "inner", "name"))]


def test_deeply_nested_and_huge_schemas_are_faults_not_crashes(portal):
    put(portal, "tide_table", "[" * 100_000 + "]" * 100_000)
    assert [f.keyword for f in read_types(FolderTree(portal)).faults] == ["json"]


def test_nothing_is_ever_fetched(portal, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    put(portal, "tide_table", with_field(**{"$ref": "http://127.0.0.1:9/schema.json"}))
    library = read_types(FolderTree(portal))
    assert [f.keyword for f in library.faults] == ["reference"]


def test_two_readings_give_the_same_faults_in_the_same_order(portal):
    put(portal, "tide_table", changed(**{"x-a": 1, "x-b": 2}))
    put(portal, "another", "{")
    first, second = (read_types(FolderTree(portal)).faults for _ in range(2))
    assert first == second and len(first) == 3


def test_good_items_are_judged_without_importing_the_slow_library():
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from gongkai.schema.library import read_types\nfrom gongkai.store.tree import FolderTree\n"
        "from gongkai.items.read import read_corpus\n"
        f"tree = FolderTree(Path({str(ROOT)!r}))\nlibrary = read_types(tree)\n"
        "items = read_corpus(tree).items\n"
        "found = [f for i in items for f in library.judge(i)]\n"
        "print(len(items), len(found), 'jsonschema' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    count, found, imported = done.stdout.split()
    assert int(count) > 10 and (found != "0" or imported == "False")
