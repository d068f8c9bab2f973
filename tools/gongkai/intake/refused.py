"""A run that is refused for several reasons: all of them at once, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.finding import Place
from gongkai.model.message import Message


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason, and the place in the map (or the portal's file) to mend."""

    place: Place
    says: Message


class Refused(GongkaiError):
    """Nothing was written; `problems` lists every reason."""

    def __init__(self, says: Message, hint: Message, problems: Sequence[Problem]) -> None:
        super().__init__(says, hint, Exit.WRONG_USE)
        self.problems = tuple(sorted(problems, key=lambda p: (p.place, p.says.text)))
