"""Reading an import map strictly: unknown keys, wrong shapes and broken patterns are refused by line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from gongkai.intake.mapping import Body, BodyShape, Files, ImportMap, Shape, Skip, Value
from gongkai.intake.refused import Problem, Refused
from gongkai.intake.table import Layout
from gongkai.items.config import read_config_file
from gongkai.model.errors import GongkaiError
from gongkai.model.finding import Place
from gongkai.model.item import Pointer
from gongkai.model.message import Message, msg
from gongkai.model.settings import ConfigFile

TOP = (
    "source_id", "department", "type", "year", "fields", "legacy", "body", "attachments", "aliases", "skip",
    "table", "characters",
)  # fmt: skip
REQUIRED = ("source_id", "department", "type", "year", "fields")
VALUE = ("from", "value", "template", "default", "pattern", "by", "match", "else", "split", "as")
LEGACY = ("index_number", "first_published_on", "url")
CONDITIONS = ("empty", "equals", "matches", "duplicate")
NEVER = ("id", "type", "department", "legacy", "body", "aliases")
ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5")


def read_map(path: Path) -> ImportMap:
    """Read a map. Raises Refused with everything that is wrong in it, GongkaiError when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise GongkaiError(
            msg("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error)),
            msg("check the name and the permissions of the file"),
        ) from error
    file, faults = read_config_file(str(path), raw)
    problems = [Problem(f.place, _broken(f.fault, f.holes)) for f in faults if f.fault != "bom"]
    if file is None or problems:
        raise _refused(str(path), problems)
    reader = _Reader(file)
    made = reader.map()
    if reader.problems or made is None:
        raise _refused(str(path), reader.problems)
    return made


def _refused(path: str, problems: list[Problem]) -> Refused:
    return Refused(
        msg("the map {path} cannot be used; nothing was imported", path=path),
        msg("docs/import/README.md explains every key of a map"),
        problems,
    )


def _broken(fault: str, holes: Mapping[str, Any]) -> Message:
    if fault == "syntax":
        return msg("the YAML is broken here: {problem}", problem=holes["problem"])
    if fault == "repeated":
        return msg(
            "the field {name} is written twice; it stands first on line {first}",
            name=holes["name"],
            first=holes["first"],
        )
    return msg("this cannot be read as YAML ({fault})", fault=fault)


class _Reader:
    """Reads one map and collects what is wrong with it."""

    def __init__(self, file: ConfigFile) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def map(self) -> ImportMap | None:
        top = self._mapping((), self.file.data, TOP)
        for name in REQUIRED:
            if name not in top:
                self._say((), msg("the map needs {name}", name=name))
        fields = {name: self._value(("fields", name), v) for name, v in self._part(top, "fields").items()}
        for name in fields:
            if name in NEVER:
                self._say(("fields", name), msg("{name} is not given under fields", name=name))
        if "title" not in fields:
            self._say(("fields",), msg("the map needs {name}", name="fields: title"))
        if self.problems:
            return None
        return self._whole(top, fields)

    def _whole(self, top: Mapping[str, Any], fields: Mapping[str, Value]) -> ImportMap:
        legacy = self._mapping(("legacy",), top.get("legacy", {}), LEGACY)
        return ImportMap(
            path=self.file.path,
            source_id=self._value(("source_id",), top["source_id"]),
            department=self._value(("department",), top["department"]),
            kind=self._value(("type",), top["type"]),
            year=self._value(("year",), top["year"]),
            fields=fields,
            legacy={name: self._value(("legacy", name), value) for name, value in legacy.items()},
            body=self._body(top),
            files=self._files(top),
            aliases=self._value(("aliases",), top["aliases"]) if "aliases" in top else None,
            skip=self._skips(top.get("skip", [])),
            layout=self._layout(top),
            characters=self._characters(top),
        )

    def _value(self, at: Pointer, data: Any) -> Value:
        if isinstance(data, str) and data:
            return Value(self._place(at), column=data)
        parts = self._mapping(at, data, VALUE)
        if sum(key in parts for key in ("from", "value", "template")) != 1:
            self._say(at, msg("give the name of a column, or exactly one of from, value and template"))
        return Value(
            self._place(at),
            column=self._text(at, parts, "from"),
            constant=parts.get("value"),
            template=self._text(at, parts, "template"),
            default=parts.get("default"),
            pattern=self._pattern((*at, "pattern"), parts.get("pattern")),
            by=self._part_of((*at, "by"), parts["by"]) if "by" in parts else None,
            match=self._matches((*at, "match"), parts.get("match", {})),
            otherwise=parts.get("else"),
            closed=("by" in parts or "match" in parts) and "else" not in parts,
            split=self._text(at, parts, "split"),
            shape=cast("Shape", self._one_of(at, parts, "as", get_args(Shape), "text")),
        )

    def _matches(self, at: Pointer, data: Any) -> tuple[tuple[re.Pattern[str], Any], ...]:
        found = ((self._pattern((*at, key), key), value) for key, value in self._part_of(at, data).items())
        return tuple((pattern, value) for pattern, value in found if pattern is not None)

    def _pattern(self, at: Pointer, text: Any) -> re.Pattern[str] | None:
        if text is None:
            return None
        try:
            return re.compile(str(text))
        except re.error as error:
            self._say(
                at, msg("the pattern {pattern} is broken: {reason}", pattern=str(text), reason=str(error))
            )
            return None

    def _body(self, top: Mapping[str, Any]) -> Body | None:
        if "body" not in top:
            return None
        at: Pointer = ("body",)
        parts = self._mapping(at, top["body"], ("from", "as", "else", "base"))
        column = self._text(at, parts, "from")
        if not column:
            self._say(at, msg("{name} needs the name of a column as `from`", name="body"))
        shape = cast("BodyShape", self._one_of(at, parts, "as", get_args(BodyShape), "text"))
        return Body(
            column, shape, self._text(at, parts, "else"), self._text(at, parts, "base"), self._place(at)
        )

    def _files(self, top: Mapping[str, Any]) -> Files | None:
        if "attachments" not in top:
            return None
        at: Pointer = ("attachments",)
        parts = self._mapping(at, top["attachments"], ("from", "as", "heading"))
        column = self._text(at, parts, "from")
        if not column:
            self._say(at, msg("{name} needs the name of a column as `from`", name="attachments"))
        self._one_of(at, parts, "as", ("links",), "links")
        return Files(column, self._text(at, parts, "heading") or "附件", self._place(at))

    def _skips(self, data: Any) -> tuple[Skip, ...]:
        if not isinstance(data, list):
            self._say(("skip",), msg("{name} must be a list", name="skip"))
            return ()
        return tuple(self._skip(("skip", n), rule) for n, rule in enumerate(data))

    def _skip(self, at: Pointer, data: Any) -> Skip:
        parts = self._mapping(at, data, (*CONDITIONS, "keep", "reason"))
        if sum(key in parts for key in CONDITIONS) != 1:
            self._say(at, msg("a rule to skip needs exactly one of {names}", names=", ".join(CONDITIONS)))
        if not self._text(at, parts, "reason"):
            self._say(at, msg("a rule to skip needs its reason"))
        equals = self._part_of((*at, "equals"), parts.get("equals", {}))
        matches = self._part_of((*at, "matches"), parts.get("matches", {}))
        patterns = {column: self._pattern((*at, "matches", column), text) for column, text in matches.items()}
        return Skip(
            self._place(at),
            self._text(at, parts, "reason"),
            empty=_texts(parts.get("empty")),
            equals={column: _texts(wanted) for column, wanted in equals.items()},
            matches={column: pattern for column, pattern in patterns.items() if pattern is not None},
            duplicate=_texts(parts.get("duplicate")),
            keep_last=self._one_of(at, parts, "keep", ("first", "last"), "first") == "last",
        )

    def _layout(self, top: Mapping[str, Any]) -> Layout:
        at: Pointer = ("table",)
        parts = self._mapping(at, top.get("table", {}), ("header", "sheet", "encoding", "delimiter"))
        header = parts.get("header", 1)
        if not isinstance(header, int) or isinstance(header, bool) or not 1 <= header <= 1000:
            self._say((*at, "header"), msg("{name} must be the number of a line, from 1", name="header"))
            header = 1
        delimiter = self._text(at, parts, "delimiter")
        if len(delimiter) > 1:
            self._say((*at, "delimiter"), msg("{name} must be one character", name="delimiter"))
        encoding = self._one_of(at, parts, "encoding", ENCODINGS, "")
        return Layout(header, self._text(at, parts, "sheet"), encoding, delimiter[:1])

    def _characters(self, top: Mapping[str, Any]) -> dict[str, str]:
        data = self._part_of(("characters",), top.get("characters", {}))
        for character, instead in data.items():
            if len(character) != 1 or not isinstance(instead, str):
                self._say(
                    ("characters", character), msg("write one character, and the text that it stood for")
                )
        return {character: str(instead) for character, instead in data.items()}

    def _part(self, top: Mapping[str, Any], name: str) -> dict[str, Any]:
        return self._part_of((name,), top.get(name, {}))

    def _part_of(self, at: Pointer, data: Any) -> dict[str, Any]:
        if isinstance(data, dict):
            return data
        self._say(
            at, msg("{name} must be a group of `name: value`", name=str(at[-1]) if at else self.file.path)
        )
        return {}

    def _mapping(self, at: Pointer, data: Any, allowed: tuple[str, ...]) -> dict[str, Any]:
        parts = self._part_of(at, data)
        for key in parts:
            if key not in allowed:
                says = msg(
                    "{name} is no key of a map here; possible are {names}", name=key, names=", ".join(allowed)
                )
                self._say((*at, key), says)
        return parts

    def _text(self, at: Pointer, parts: Mapping[str, Any], name: str) -> str:
        value = parts.get(name, "")
        if isinstance(value, str):
            return value
        self._say((*at, name), msg("{name} must be a text", name=name))
        return ""

    def _one_of(
        self, at: Pointer, parts: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str
    ) -> str:
        value = parts.get(name, default)
        if value == default or value in allowed:
            return str(value)
        self._say((*at, name), msg("{name} must be one of {names}", name=name, names=", ".join(allowed)))
        return default

    def _place(self, at: Pointer) -> Place:
        while at and at not in self.file.keys and at not in self.file.marks:
            at = at[:-1]
        return Place(self.file.path, *(self.file.keys.get(at) or self.file.marks.get(at, (1, 1))))

    def _say(self, at: Pointer, says: Message) -> None:
        self.problems.append(Problem(self._place(at), says))


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(str(v) for v in values)
