"""Files that make no sense: one rule for each way (SCH0xx). Source of the profile: design §4."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.model.finding import Hit, Severity
from gongkai.model.message import N_


def _unread(fault: str, portal: Portal) -> Iterable[Hit]:
    for unread in (*portal.corpus.unread, *portal.unread_settings):
        if unread.fault == fault:
            yield Hit(unread.place, unread.holes, str(unread.holes.get("name", "")))


def _rule(
    code: str, fault: str, name: str, says: str, hint: str, why: str, severity: Severity = Severity.ERROR
) -> Rule:
    return Rule(code, name, severity, says, hint, why, portal=partial(_unread, fault))


_UTF8 = N_("A file must mean the same on every machine; UTF-8 is the one encoding that all of them read.")
_STRICT = N_("Gate, editor and portal must read one file in one way; what parsers disagree about is refused.")
_WHOLE = N_("What cannot be read cannot be reviewed, and what is not reviewed is not published.")
_LIMIT = N_("Limits keep one file from stopping the work of everybody; real items stay far below them.")

RULES = (
    _rule(
        "SCH001", "encoding", "not-utf8",
        N_("the file is not UTF-8 text"),
        N_("open it in your editor and save it again as UTF-8"),
        _UTF8,
    ),
    _rule(
        "SCH002", "gbk", "gbk-encoded",
        N_("the file is encoded in GBK, not in UTF-8"),
        N_("in Notepad choose Save As and the encoding UTF-8, then replace the file"),
        _UTF8,
    ),
    _rule(
        "SCH003", "utf16", "utf16-encoded",
        N_("the file is encoded in UTF-16 (“Unicode” in Notepad), not in UTF-8"),
        N_("in Notepad choose Save As and the encoding UTF-8, then replace the file"),
        _UTF8,
    ),
    _rule(
        "SCH004", "binary", "binary-file",
        N_("this is not a text file"),
        N_("a Word, PDF or picture file is an attachment; `gongkai new --from FILE.docx` makes an item of a Word file"),
        _WHOLE,
    ),
    _rule(
        "SCH005", "empty", "empty-file",
        N_("the file is empty"),
        N_("delete it, or make an item with `gongkai new TYPE`"),
        _WHOLE,
    ),
    _rule(
        "SCH006", "bom", "byte-order-mark",
        N_("the file begins with an invisible byte-order mark"),
        N_("it was read; to get rid of the mark choose “UTF-8” rather than “UTF-8 with BOM” when saving"),
        _UTF8, Severity.WARNING,
    ),
    _rule(
        "SCH007", "size", "file-too-large",
        N_("the file is too large to be an item (limit {limit})"),
        N_("move tables and long annexes into attachments"),
        _LIMIT,
    ),
    _rule(
        "SCH008", "symlink", "link-instead-of-file",
        N_("this is a link or a special file, not a file of its own"),
        N_("put a copy of the file here instead of a link to it"),
        N_("A link can point anywhere on the machine that builds the portal, and would publish what nobody reviewed."),
    ),
    _rule(
        "SCH009", "unreadable", "unreadable-file",
        N_("the file cannot be read: {reason}"),
        N_("check the permissions of the file"),
        _WHOLE,
    ),
    _rule(
        "SCH010", "syntax", "broken-yaml",
        N_("the YAML is broken here: {problem}"),
        N_("mend this place and check again; one broken place can hide others behind it"),
        _WHOLE,
    ),
    _rule(
        "SCH011", "character", "forbidden-character",
        N_("an invisible control character stands here ({code})"),
        N_("delete the character; it often comes along when text is copied from another program"),
        _STRICT,
    ),
    _rule(
        "SCH012", "repeated", "repeated-field",
        N_("the field {name} is written twice; it stands first on line {first}"),
        N_("keep one of the two and delete the other"),
        _STRICT,
    ),
    _rule(
        "SCH013", "alias", "yaml-alias",
        N_("YAML's & * and << are not allowed here ({name})"),
        N_("write the text out, or put it in quotes if it only begins with such a sign"),
        _STRICT,
    ),
    _rule(
        "SCH014", "tag", "yaml-tag",
        N_("YAML's type marks are not allowed here ({name})"),
        N_("delete the mark that begins with !, or put the text in quotes"),
        _STRICT,
    ),
    _rule(
        "SCH015", "directive", "yaml-directive",
        N_("a YAML directive (a line that begins with %) is not allowed"),
        N_("delete the line"),
        _STRICT,
    ),
    _rule(
        "SCH016", "documents", "several-documents",
        N_("a second YAML document begins here"),
        N_("one file holds one item: delete this line of --- or move what follows into a file of its own"),
        _STRICT,
    ),
    _rule(
        "SCH017", "depth", "nested-too-deep",
        N_("lists and groups are nested deeper than {limit} levels"),
        N_("write the information flatter"),
        _LIMIT,
    ),
    _rule(
        "SCH018", "key", "impossible-name",
        N_("a field's name is missing or is not a plain text"),
        N_("write `name: value`, the name without brackets"),
        _STRICT,
    ),
    _rule(
        "SCH019", "shape", "not-a-list-of-fields",
        N_("the file does not begin with fields"),
        N_("write one `name: value` on each line; `gongkai new TYPE` makes a file to fill"),
        _WHOLE,
    ),
    _rule(
        "SCH020", "no_front_matter", "no-front-matter",
        N_("the first line is not ---, so the item has no fields"),
        N_("put the fields between two lines of --- at the head of the file; `gongkai new TYPE` makes such a file"),
        _WHOLE,
    ),
    _rule(
        "SCH021", "open_front_matter", "front-matter-not-closed",
        N_("the fields at the head of the file are not closed by a second line of ---"),
        N_("add a line of --- between the fields and the text"),
        _WHOLE,
    ),
    _rule(
        "SCH022", "body_twice", "body-as-field-and-text",
        N_("a Markdown item's text stands below the fields, not in a field `body`"),
        N_("move the text below the second line of ---"),
        _STRICT,
    ),
)  # fmt: skip
