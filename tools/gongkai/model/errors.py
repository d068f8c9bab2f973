"""The one error that a door shows in plain words. Anything else that reaches a door is our bug."""

from __future__ import annotations

from enum import IntEnum

from gongkai.model.message import Message, english


class Exit(IntEnum):
    """Exit codes of every command (design §7)."""

    CLEAN = 0
    FINDINGS = 1
    WRONG_USE = 2
    BROKEN = 3
    INTERRUPTED = 130


class GongkaiError(Exception):
    """A run that cannot happen: what is wrong, and how to mend it.

    `code` is the exit code: `Exit.WRONG_USE` (the default) when the user can mend it by another call,
    `Exit.FINDINGS` when the answer is a refusal, `Exit.BROKEN` when git, the disk or the network failed.
    """

    def __init__(self, says: Message, hint: Message | None = None, code: Exit = Exit.WRONG_USE) -> None:
        super().__init__(english(says))
        self.says = says
        self.hint = hint or Message("")
        self.code = code
