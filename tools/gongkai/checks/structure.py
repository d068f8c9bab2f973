"""What a schema says against an item (SCH1xx) or a file of settings (CFG1xx): one rule for each kind of fault."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Place, Severity
from gongkai.model.item import Item
from gongkai.model.message import N_, Message, Words, msg
from gongkai.model.settings import ConfigFile
from gongkai.schema.fault import Fault, dotted


def _item_faults(keyword: str, item: Item, portal: Portal) -> Iterable[Hit]:
    for fault in portal.faults(item):
        if fault.keyword == keyword:
            place = item.key_place(*fault.pointer) if fault.at_key else item.place(*fault.pointer)
            yield Hit(place, fault.holes, dotted(fault.pointer), _body_hint(item, fault) or _nearest(fault))


def _is_sound(item: Item, portal: Portal) -> bool:
    return not portal.faults(item)


def _legacy_gaps(item: Item, portal: Portal) -> Iterable[Hit]:
    """One finding for all that an old portal never had: an item with five gaps is one old item, not five faults."""
    gaps = [fault for fault in portal.faults(item) if fault.keyword == "legacy_required"]
    if gaps:
        titles = [fault.holes["field"] for fault in gaps]
        named = [t for t in titles if isinstance(t, Words)]
        fields = Words("、".join(t.zh for t in named), ", ".join(t.in_language("en") for t in named))
        names = ", ".join(dotted(fault.pointer) for fault in gaps)
        yield Hit(item.key_place("type"), {"fields": fields, "names": names}, names)


def _body_hint(item: Item, fault: Fault) -> Message | None:
    """In a Markdown item the text is no field: it stands below the fields."""
    if fault.pointer == ("body",) and item.form == "md":
        return msg("write the text below the second line of ---")
    return None


def _config_faults(keyword: str, portal: Portal) -> Iterable[Hit]:
    for name, file in portal.settings.files.items():
        for fault in portal.config_faults(name):
            if fault.keyword == keyword:
                yield Hit(config_place(file, fault), fault.holes, dotted(fault.pointer), _nearest(fault))


def _nearest(fault: Fault) -> Message | None:
    """For a name or value that is probably misspelt: the one that was probably meant."""
    if not fault.holes.get("nearest"):
        return None
    if fault.keyword == "choice":
        return msg("did you mean {nearest}? Possible are: {choices}", **fault.holes)
    return msg("did you mean {nearest} ({nearest_title})?", **fault.holes)


def config_place(file: ConfigFile, fault: Fault) -> Place:
    """Where a fault of a settings file stands: its key, its value, or the nearest parent that is there."""
    at = fault.pointer
    if fault.at_key and at in file.keys:
        return Place(file.path, *file.keys[at])
    return file.place(*at)


def _no_schema(item: Item, portal: Portal) -> Iterable[Hit]:
    if item.type and item.type not in portal.types and item.type not in portal.library.broken:
        yield Hit(item.place("type"), {"value": item.type, "types": ", ".join(sorted(portal.types))}, "type")


def _schema_unusable(item: Item, portal: Portal) -> Iterable[Hit]:
    if item.type in portal.library.broken:
        yield Hit(item.place("type"), {"value": item.type}, "type")


def _broken_schemas(keyword: str, portal: Portal) -> Iterable[Hit]:
    for fault in portal.library.faults:
        if fault.keyword == keyword:
            yield Hit(fault.place, fault.holes, dotted(fault.pointer))


_NEEDED = N_(
    "The type's schema asks for it: without it the public cannot judge or find the information (政府信息公开条例 第12, 24条)."
)
_KNOWN = N_("A misspelt name would silently lose what was written; own names begin with x_.")
_FORM = N_("Lists, searches, feeds and deadlines are computed from this value, so it must have one form.")

_KINDS = (
    (101, "required", "missing-field", Severity.ERROR,
     N_("{field} ({name}) is missing"), N_("add the line `{name}: …` {about}"), _NEEDED),
    (103, "unknown", "unknown-field", Severity.ERROR,
     N_("there is no field called {name} here"),
     N_("delete the line; a field of your own begins with x_"), _KNOWN),
    (104, "type", "wrong-kind-of-value", Severity.ERROR,
     N_("{field} ({name}) must be {expected}, but it is {found}: {value}"),
     N_("write {expected}; a text of digits only needs quotes"), _FORM),
    (105, "choice", "value-not-in-list", Severity.ERROR,
     N_("{field} ({name}) cannot be {value}"), N_("choose one of: {choices}"), _FORM),
    (106, "pattern", "wrong-form", Severity.ERROR,
     N_("{field} ({name}) does not have the right form: {value}"), N_("write it like {example} {about}"), _FORM),
    (107, "date", "impossible-date", Severity.ERROR,
     N_("{field} ({name}) is not a date: {value}"), N_("write year-month-day with digits, like 2026-03-01"), _FORM),
    (108, "time", "impossible-time", Severity.ERROR,
     N_("{field} ({name}) is not a time: {value}"), N_("write it like 2026-03-01T09:00:00+08:00"), _FORM),
    (109, "email", "not-an-email-address", Severity.ERROR,
     N_("{field} ({name}) is not an e-mail address: {value}"), N_("write it like office@example.org"), _FORM),
    (110, "uri", "not-an-address", Severity.ERROR,
     N_("{field} ({name}) is not a web address: {value}"), N_("write it with https:// in front"), _FORM),
    (111, "length_short", "text-too-short", Severity.ERROR,
     N_("{field} ({name}) is empty or too short: at least {limit} characters"), N_("write it out {about}"), _NEEDED),
    (112, "length_long", "text-too-long", Severity.ERROR,
     N_("{field} ({name}) has {actual} characters; at most {limit} fit"),
     N_("shorten it, or move detail into the text"), _FORM),
    (113, "too_few", "too-few-entries", Severity.ERROR,
     N_("{field} ({name}) has {actual} entries; it needs at least {limit}"), N_("add what is missing {about}"), _NEEDED),
    (114, "too_many", "too-many-entries", Severity.ERROR,
     N_("{field} ({name}) has {actual} entries; at most {limit} fit"), N_("keep the most important ones"), _FORM),
    (115, "repeated", "repeated-entry", Severity.ERROR,
     N_("{field} ({name}) holds the same entry twice"), N_("delete one of them"), _FORM),
    (116, "too_small", "number-too-small", Severity.ERROR,
     N_("{field} ({name}) must be at least {limit}, but it is {value}"), N_("check the number"), _FORM),
    (117, "too_large", "number-too-large", Severity.ERROR,
     N_("{field} ({name}) must be at most {limit}, but it is {value}"), N_("check the number"), _FORM),
    (118, "retention", "kept-too-short", Severity.ERROR,
     N_("{field} ({name}) is {value}; items of this type are kept at least {least}"),
     N_("delete the line, or write a longer period"),
     N_("Retention periods are permanent, 30 or 10 years (国家档案局令第8号); a type's schema gives the least.")),
    (119, "deadline", "no-date-to-count-from", Severity.ERROR,
     N_("no date is there from which the {stage} deadline counts"), N_("add one of: {fields}"),
     N_("Each type must be handed in in time, counted from a date of the item (信息管理制度 三(二)).")),
    (
        121,
        "empty",
        "field-not-filled",
        Severity.ERROR,
        N_("{field} ({name}) is not filled in yet"),
        N_("fill it in, or delete the line if it is not needed. {about} {choices}"),
        _NEEDED,
    ),
    (120, "form", "does-not-fit-schema", Severity.ERROR,
     N_("{field} ({name}) does not fit: {value}"), N_("write it as the type's schema says {about}"), _FORM),
)  # fmt: skip

ITEM_RULES = (
    *(
        Rule(f"SCH{number}", name, severity, says, hint, why, item=partial(_item_faults, keyword), alone=True,
             idle=_is_sound)
        for number, keyword, name, severity, says, hint, why in _KINDS
    ),
    Rule(
        "SCH102", "field-missing-in-legacy-item", Severity.WARNING,
        N_("missing, because the old portal did not have it: {fields} ({names})"),
        N_("add it when it is known; a carried-over item is published without it"), _NEEDED,
        item=_legacy_gaps,
        alone=True,
        idle=_is_sound,
    ),
)  # fmt: skip

CONFIG_RULES = tuple(
    Rule(
        f"CFG{number}", f"settings-{name}", severity, says, hint, why, portal=partial(_config_faults, keyword)
    )
    for number, keyword, name, severity, says, hint, why in _KINDS
    if keyword not in {"retention", "deadline"}
)

_SOUND = N_(
    "A schema that is wrong would let everything pass, or nothing; what it says must be what was meant."
)

_SCHEMA_KINDS = (
    (201, "text", "schema-not-utf8", N_("the schema is not UTF-8 text"), N_("save it again as UTF-8")),
    (202, "json", "schema-not-json", N_("the schema is not JSON: {reason}"),
     N_("look for a missing comma, quote or bracket at this place")),
    (203, "repeated", "schema-repeats-name", N_("the name {name} stands twice in one place"), N_("keep one of them")),
    (204, "schema", "schema-not-valid", N_("this is not valid JSON Schema: {value}"),
     N_("compare with one of the schemas that came with Gongkai")),
    (205, "reference", "schema-reference-leads-nowhere", N_("the reference {value} leads nowhere"),
     N_("correct the path after $ref; schemas are never fetched from elsewhere")),
    (206, "unknown", "schema-unknown-keyword", N_("there is no keyword {name}"),
     N_("did you mean “{nearest}”? A misspelt keyword would be ignored in silence")),
    (207, "value", "schema-keyword-value", N_("{name} cannot have this value: {value}"),
     N_("see the keyword in CONTRIBUTING.md")),
    (208, "misplaced", "schema-keyword-misplaced", N_("{name} does not belong here"),
     N_("move it to the schema's first level")),
    (209, "labels", "schema-labels-differ", N_("the labels differ from the values of the list"),
     N_("give each value of `enum` its label in x-labels, and no others")),
    (210, "field", "schema-names-missing-field", N_("{name} names a field that the type does not have: {value}"),
     N_("correct the field's name, or add the field")),
    (211, "type_name", "schema-type-differs-from-file", N_("the type is called {value}, but the file says {name}"),
     N_("make both the same")),
    (212, "dialect", "schema-pattern-dialect", N_("validators do not agree on this pattern: {value}"),
     N_("use plain character classes like [0-9] and no \\p{…}")),
)  # fmt: skip

SCHEMA_RULES = (
    Rule(
        "SCH150", "unknown-type", Severity.ERROR,
        N_("there is no type of item called “{value}”"),
        N_("write `type:` with one of: {types}"),
        N_("The type picks the schema, the column, the review and the deadlines; an item of no type cannot be checked."),
        item=_no_schema,
        alone=True,
    ),
    Rule(
        "SCH151", "type-with-broken-schema", Severity.ERROR,
        N_("the schema of type “{value}” is itself wrong, so the item cannot be checked"),
        N_("mend schemas/items/{value}.schema.json first"),
        N_("What cannot be checked is not published."),
        item=_schema_unusable,
        alone=True,
    ),
    *(
        Rule(f"SCH{number}", name, Severity.ERROR, says, hint, _SOUND, portal=partial(_broken_schemas, keyword))
        for number, keyword, name, says, hint in _SCHEMA_KINDS
    ),
)  # fmt: skip
