"""yaml-test-suite: whatever must fail fails; what our profile refuses beyond that is listed with its reason."""

import json
import re
from pathlib import Path

import pytest
import yaml

from gongkai.items.strict import YamlFault, load

REFUSED = Path(__file__).parent / "refused_by_profile.json"


def _plain(text):
    text = re.sub("—*»", "\t", text.replace("␣", " "))
    return text.replace("⇔", "\ufeff").replace("↵", "").replace("∎\n", "").replace("∎", "").replace("←", "\r")


def _cases(folder):
    for path in sorted(folder.glob("*.yaml")):
        case = {}
        for number, part in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
            case = {**{k: v for k, v in case.items() if k not in ("fail", "json")}, **part}
            yield f"{path.stem}/{number}", _plain(case["yaml"]), bool(case.get("fail")), case.get("json")


def _verdict(text):
    try:
        loaded = load(text)
    except YamlFault as fault:
        return fault.fault
    return loaded.faults[0].fault if loaded.faults else "read"


@pytest.fixture(scope="module")
def cases(corpora):
    found = list(_cases(corpora / "suites" / "yaml-test-suite" / "src"))
    assert len(found) == 406
    return found


@pytest.mark.corpora
def test_whatever_must_fail_fails(cases):
    assert [name for name, text, fail, _ in cases if fail and _verdict(text) == "read"] == []


@pytest.mark.corpora
def test_what_is_refused_beyond_that_is_in_the_list(cases):
    refused = {name: _verdict(text) for name, text, fail, _ in cases if not fail and _verdict(text) != "read"}
    listed = json.loads(REFUSED.read_text(encoding="utf-8"))
    assert refused == {name: reason["fault"] for name, reason in listed["cases"].items()}
    assert set(refused.values()) <= set(listed["reasons"])


@pytest.mark.corpora
def test_what_is_read_means_what_the_suite_says(cases):
    differing = []
    for name, text, fail, wanted in cases:
        if fail or wanted is None or _verdict(text) != "read" or not wanted.strip():
            continue
        data, expected = load(text).data, json.loads(wanted)
        if data != expected:
            differing.append((name, data, expected))
    # Where we differ, it is because a scalar stays a text that YAML's core schema would convert.
    assert [
        d for d in differing if json.dumps(d[1]).replace('"', "") != json.dumps(d[2]).replace('"', "")
    ] == []
