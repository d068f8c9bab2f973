"""The six formats of `check --format` (conventions 4.3, with their traps). Each returns text for stdout."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from gongkai.model.finding import Finding, Severity
from gongkai.report.escape import (
    github_message,
    github_property,
    json_text,
    sarif_text,
    terminal,
    unforged,
    xml_chars,
    xml_log,
)
from gongkai.report.shown import Line, Reporter, Sheet, path_text

GITHUB_LIMIT = 10
"""GitHub shows this many annotations of one kind for a step and drops the rest in silence."""


def text(sheet: Sheet) -> str:
    """`path:line:column: CODE message` so that an editor jumps there; below it what to do."""
    out: list[str] = []
    for line in sheet.lines():
        f = line.finding
        place = f"{path_text(f.place.path)}:{f.place.line}:{f.place.column}"
        out.append(terminal(f"{place}: {f.code} {line.message}"))
        if line.hint:
            out.append(terminal(f"    → {line.hint}"))
    return "\n".join(out) + "\n" if out else ""


def json(sheet: Sheet) -> str:
    """The machine's form (design §7): sorted, the same bytes for the same input."""
    findings = [
        {
            "code": line.finding.code,
            "severity": line.finding.severity.value,
            "path": path_text(line.finding.place.path),
            "line": line.finding.place.line,
            "column": line.finding.place.column,
            "field": line.finding.field,
            "message": line.message,
            "hint": line.hint,
        }
        for line in sheet.lines()
    ]
    data = {"schema_version": 1, "findings": findings, "summary": summary(sheet)}
    return json_text(data) + "\n"


def summary(sheet: Sheet) -> dict[str, int]:
    """How many items, errors, warnings and unread files."""
    report = sheet.report
    return {
        "items": report.items,
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "unread": report.unread,
    }


def github(sheet: Sheet) -> str:
    """Workflow commands: errors first, ten of each kind, then how many more (see the job's summary for all)."""
    out: list[str] = []
    for severity, command in ((Severity.ERROR, "error"), (Severity.WARNING, "warning")):
        lines = [line for line in sheet.lines() if line.finding.severity is severity]
        out.extend(_annotation(command, line) for line in lines[:GITHUB_LIMIT])
        if len(lines) > GITHUB_LIMIT:
            out.append(f"::notice::{command}: {len(lines) - GITHUB_LIMIT} more; gongkai check --format text")
    return "\n".join(out) + "\n" if out else ""


def _annotation(command: str, line: Line) -> str:
    place = line.finding.place
    where = f"file={github_property(unforged(path_text(place.path)))},line={place.line},endLine={place.line},col={place.column}"
    words = unforged(f"{line.message} → {line.hint}" if line.hint else line.message)
    return f"::{command} {where},title={github_property(line.finding.code)}::{github_message(words)}"


def gitlab(sheet: Sheet) -> str:
    """GitLab code quality; fingerprints never name the line, so a finding keeps its identity while text moves."""
    rows = [
        {
            "description": f"{line.message} → {line.hint}" if line.hint else line.message,
            "check_name": line.finding.code,
            "fingerprint": line.fingerprint,
            "severity": "major" if line.finding.severity is Severity.ERROR else "minor",
            "location": {
                "path": path_text(line.finding.place.path),
                "lines": {"begin": line.finding.place.line},
            },
        }
        for line in sheet.lines()
    ]
    return json_text(rows) + "\n"


def sarif(sheet: Sheet) -> str:
    """SARIF 2.1.0 with constant rule ids and line-free fingerprints."""
    used = sorted({f.code for f in sheet.report.findings})
    driver = {
        "name": "gongkai",
        "rules": [_sarif_rule(code, sheet) for code in used],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": _sarif_results(sheet)}
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json_text(log) + "\n"


def _sarif_rule(code: str, sheet: Sheet) -> dict[str, Any]:
    manual = sheet.manual[code]
    return {
        "id": code,
        "name": manual.name,
        "shortDescription": {"text": sarif_text(manual.says)},
        "fullDescription": {"text": sarif_text(manual.why)},
    }


def _sarif_results(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": line.finding.code,
            "level": line.finding.severity.value,
            "message": {"text": sarif_text(f"{line.message} → {line.hint}" if line.hint else line.message)},
            "locations": [{"physicalLocation": _sarif_place(line.finding)}],
            "partialFingerprints": {"primaryLocationLineHash": line.fingerprint},
        }
        for line in sheet.lines()
    ]


def _sarif_place(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "artifactLocation": {"uri": quote(place.path.encode("utf-8", "surrogateescape"))},
        "region": {"startLine": place.line, "startColumn": place.column},
    }


def junit(sheet: Sheet) -> str:
    """One test case for each file and family of rules that has findings; warnings pass and are kept as output."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in sheet.lines():
        groups[(line.finding.place.path, line.finding.code[:3])].append(line)
    failed = sum(any(_is_error(line) for line in lines) for lines in groups.values())
    suite = ElementTree.Element(
        "testsuite", name="gongkai", tests=str(max(len(groups), 1)), failures=str(failed), errors="0"
    )
    for (path, family), lines in groups.items():
        _junit_case(suite, path, family, lines)
    if not groups:
        ElementTree.SubElement(suite, "testcase", classname="gongkai", name="check")
    body = ElementTree.tostring(suite, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml_log(body)}\n'


def _is_error(line: Line) -> bool:
    return line.finding.severity is Severity.ERROR


def _junit_case(suite: ElementTree.Element, path: str, family: str, lines: list[Line]) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=family, name=xml_chars(path_text(path)))
    for line in lines:
        place = line.finding.place
        words = f"{place.line}:{place.column}: {line.finding.code} {line.message}"
        if _is_error(line):
            node = ElementTree.SubElement(case, "failure", message=xml_chars(words), type=line.finding.code)
            node.text = xml_chars(line.hint)
        else:
            ElementTree.SubElement(case, "system-out").text = xml_chars(f"{words} → {line.hint}")


FORMATS: Mapping[str, Reporter] = {
    "text": text, "json": json, "github": github, "gitlab": gitlab, "sarif": sarif, "junit": junit,
}  # fmt: skip
