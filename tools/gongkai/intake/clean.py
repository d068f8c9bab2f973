"""A copy of a file without what nobody sees on its pages: properties, remarks, earlier wording, hidden parts, scripts.

The file is read in the sandbox first; one that is damaged, locked or made to do harm is not opened here. The copy is
read in the same way afterwards: what is still there is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gongkai.attachments.desk import Readings
from gongkai.attachments.kinds import MAX_FILE
from gongkai.attachments.reading import Reading, Trait
from gongkai.checks.attached_words import KINDS, WHAT
from gongkai.intake.clean_office import clean_office
from gongkai.intake.clean_pdf import clean_pdf
from gongkai.intake.clean_picture import clean_picture
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import N_, Hole, Message, msg
from gongkai.store.files import blob_id, create_new

_CLEANERS: dict[str, Callable[[bytes, str], bytes]] = {
    **dict.fromkeys(("docx", "xlsx", "pptx"), clean_office),
    **dict.fromkeys(("jpeg", "png", "webp", "gif", "tiff"), clean_picture),
    "pdf": clean_pdf,
}
_STAYS = frozenset({"no-text", "no-words"})


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The copy's path, what was taken out of it, and what is still in it."""

    path: Path
    removed: tuple[Message, ...]
    left: tuple[Message, ...]


def clean(path: Path, output: Path | None = None) -> Cleaned:
    """Write a cleaned copy beside the file (`report-clean.docx`) or to `output`; nothing is ever overwritten.

    GongkaiError when the file cannot be read or cleaned, or the copy's name is taken.
    """
    target = output or path.with_name(f"{path.stem}-clean{path.suffix}")
    raw = _bytes_of(path)
    readings = Readings()
    try:
        before = readings.reading(blob_id(raw), len(raw), lambda: raw, path.name)
        made = _cleaned(before, raw, path)
        after = readings.reading(blob_id(made), len(made), lambda: made, path.name)
    finally:
        readings.close()
    if after.fault:
        raise _refused(path, N_("the copy could not be read again"))
    if not create_new(target, made):
        raise GongkaiError(
            msg("{path} is there already", path=str(target)),
            msg("name another file with --output; nothing is ever overwritten"),
        )
    return _compared(target, before, after)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise _refused(path, N_("it is larger than 50 MB"))
        return path.read_bytes()
    except OSError as error:
        raise GongkaiError(
            msg("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error)),
            msg("check the name and the permissions of the file"),
        ) from error


def _cleaned(reading: Reading, raw: bytes, path: Path) -> bytes:
    if reading.fault:
        trait = next(t for t in reading.traits if t.code == reading.fault)
        raise _refused(path, _words(trait))
    cleaner = _CLEANERS.get(reading.kind)
    if cleaner is None:
        raise _refused(path, Message(KINDS[reading.kind]) if reading.kind in KINDS else reading.kind)
    try:
        return cleaner(raw, reading.kind)
    except GongkaiError:
        raise
    except Exception as error:  # what a library throws at an odd file is not our end
        raise _refused(path, str(error)[:100]) from error


def _refused(path: Path, reason: Hole) -> GongkaiError:
    reason = Message(reason) if isinstance(reason, str) else reason
    return GongkaiError(
        msg("{path} cannot be cleaned: {reason}", path=str(path), reason=reason),
        msg(
            "Word, Excel, PowerPoint (.docx, .xlsx, .pptx), PDF files and pictures can be cleaned, when they open without a password"
        ),
        Exit.FINDINGS,
    )


def _compared(target: Path, before: Reading, after: Reading) -> Cleaned:
    still = {(t.code, t.holes.get("what", "")) for t in after.traits}
    gone = [t for t in before.traits if (t.code, t.holes.get("what", "")) not in still]
    left = [t for t in after.traits if t.code not in _STAYS]
    return Cleaned(target, _once(gone), _once(left))


def _once(traits: list[Trait]) -> tuple[Message, ...]:
    return tuple({str(m): m for m in map(_words, traits)}.values())


def _words(trait: Trait) -> Message:
    what = trait.holes.get("what", "")
    return Message(WHAT.get(trait.code, str(trait.code)), {"what": what})
