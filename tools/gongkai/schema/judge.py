"""One schema file as a judge of documents: the fast yes, the explained no, and what own keywords say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gongkai.schema.build import read
from gongkai.schema.describe import complete
from gongkai.schema.documents import Documents
from gongkai.schema.fault import Fault, Schema, SchemaFault, shorten
from gongkai.schema.formats import FORMATS
from gongkai.schema.keywords import KEYWORDS

if TYPE_CHECKING:  # else imported where something is judged: many runs judge nothing
    from jsonschema_rs import Draft202012Validator, Registry
    from jsonschema_rs import ValidationError as FastError

BASE = "https://gongkai.invalid/"
"""Only a name under which the files of one tree find each other; nothing is ever fetched."""


def resources(documents: Documents, bad: frozenset[str] = frozenset()) -> Iterator[tuple[str, Any]]:
    """The schemas that others may refer to, by address. All are read as draft 2020-12."""
    for path, value in documents.values.items():
        if path not in bad:
            yield BASE + path, _bare(value)


def _bare(schema: Any) -> Any:
    """A schema without `$id`, and without `$schema`: on meeting that, jsonschema would fall back to its own
    class, which reads patterns otherwise than ours.
    """
    names = ("$id", "$schema")
    return {k: v for k, v in schema.items() if k not in names} if isinstance(schema, dict) else schema


def make_registry(documents: Documents, bad: frozenset[str]) -> Registry:
    """The sound schemas of a tree, for the fast validators."""
    from jsonschema_rs import Draft202012, Registry

    return Registry(list(resources(documents, bad)), draft=Draft202012)


def make_judge(path: str, documents: Documents, registry: Callable[[], Registry]) -> Judge | SchemaFault:
    """The judge of a file that looks sound; a fault when the fast validator refuses it all the same."""
    judge = Judge(path, documents, registry)
    try:
        _ = judge.fast
    except ValueError as error:
        pointer = tuple(getattr(error, "instance_path", ()))
        return documents.fault(path, "schema", pointer, value=shorten(pointer[-1] if pointer else path))
    # Without the validator just made: each holds half a megabyte, and few of all types are ever judged in one run.
    return Judge(path, documents, registry)


@dataclass(frozen=True)
class Judge:
    """The validators of one sound schema file, each made when it is first needed."""

    path: str
    documents: Documents
    registry: Callable[[], Registry]

    @cached_property
    def fast(self) -> Draft202012Validator:
        """The fast validator. ValueError where it refuses the schema."""
        from jsonschema_rs import Draft202012Validator

        return Draft202012Validator(
            _bare(self.documents.values[self.path]),
            registry=self.registry(),
            base_uri=BASE + self.path,
            formats=dict(FORMATS),
            validate_formats=True,
            offline=True,
        )

    @property
    def schema(self) -> Schema:
        """The schema as its file says it."""
        value: Schema = self.documents.values[self.path]
        return value

    @cached_property
    def whole(self) -> Schema:
        """The schema with its references in place, for titles and labels."""
        value: Schema = self.documents.inline(self.schema, self.path)
        return value

    @cached_property
    def own(self) -> tuple[tuple[str, Any], ...]:
        """The own keywords at the top of the schema that can say something of a document."""
        return tuple(
            (name, value) for name, value in self.schema.items() if name in KEYWORDS and KEYWORDS[name].judges
        )

    @cached_property
    def legacy_optional(self) -> frozenset[str]:
        """The required fields that a legacy item may lack with a warning."""
        names: frozenset[str] = read(self.schema, "x-legacy-optional") or frozenset()
        return names

    @cached_property
    def explainer(self) -> Any:
        """The slow validator that can say why."""
        from gongkai.schema.explain import make_explainer

        return make_explainer(BASE + self.path, resources(self.documents))

    def faults(self, document: Any) -> tuple[Fault, ...]:
        """Everything that the schema and its own keywords say against a document."""
        found = [] if self._is_good(document) else self._explained(document)
        found.extend(self._own_faults(document, found))
        if not found:
            return ()
        legacy = isinstance(document, dict) and isinstance(document.get("legacy"), dict)
        return tuple(complete(self._softened(fault, legacy), self.whole) for fault in found)

    def _is_good(self, document: Any) -> bool:
        try:
            return bool(self.fast.is_valid(document))
        except ValueError:  # a lone surrogate, or a key that is no text: the slow validator says what it can
            return False

    def _explained(self, document: Any) -> list[Fault]:
        quick = self._quick(document)
        if quick and all(fault.keyword == "required" for fault in quick):
            return quick
        from gongkai.schema.explain import explain

        return explain(self.explainer, document, self.whole) or quick

    def _quick(self, document: Any) -> list[Fault]:
        """What the fast validator itself can say: which fields are missing, and the places of the rest.

        Enough for items from an old portal, of which there may be thousands that only lack fields.
        """
        try:
            return [_quick_fault(error) for error in self.fast.iter_errors(document)]
        except ValueError:
            return []

    def _own_faults(self, document: Any, found: Iterable[Fault]) -> list[Fault]:
        if not isinstance(document, dict):
            return []
        said = [fault for name, value in self.own for fault in KEYWORDS[name].judge(document, value)]
        if not said:
            return said
        missing = {fault.pointer[-1] for fault in found if fault.keyword == "required"}
        missing |= {str(fault.holes["nearest"]) for fault in found if fault.keyword == "unknown"}
        return [fault for fault in said if not missing & set(str(fault.holes.get("fields", "")).split())]

    def _softened(self, fault: Fault, legacy: bool) -> Fault:
        """A missing field as a warning's fault, where the document is a legacy item that may lack it."""
        optional = legacy and len(fault.pointer) == 1 and fault.pointer[0] in self.legacy_optional
        if fault.keyword == "required" and optional:
            return Fault("legacy_required", fault.pointer, fault.holes, fault.at_key)
        return fault


def _quick_fault(error: FastError) -> Fault:
    from jsonschema_rs import ValidationErrorKind

    at = tuple(error.instance_path)
    if isinstance(error.kind, ValidationErrorKind.Required):
        return Fault("required", (*at, error.kind.property))
    return Fault("form", at, {"value": shorten(error.instance)})
