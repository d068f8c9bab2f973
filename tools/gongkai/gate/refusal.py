"""A refusal: every reason at once, in the pusher's language, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg

if TYPE_CHECKING:  # pre-receive finds nothing
    from gongkai.model.finding import Finding


class Refused(GongkaiError):
    """The gate says no. `reasons` are all of them, `findings` what the check found."""

    def __init__(
        self, reasons: Iterable[Message], findings: Iterable[Finding] = (), hint: Message | None = None
    ) -> None:
        self.reasons = tuple(reasons)
        self.findings = tuple(findings)
        super().__init__(
            msg("refused: nothing was taken in"),
            hint or msg("mend what is named above and submit again; your files are untouched"),
            Exit.FINDINGS,
        )
