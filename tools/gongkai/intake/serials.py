"""The next free ids: one serial per department and year, after the highest that the folder knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg

_NAME = re.compile(
    r"content/[^/]+/[^/]+/(?P<department>[a-z][a-z0-9-]*)-(?P<year>\d{4})-(?P<serial>\d{5})(?=[./])"
)
LAST = 99_999


class Serials:
    """Gives ids in order. Files that cannot be read and folders of attachments count as used."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._highest: dict[tuple[str, int], int] = {}
        for path in paths:
            match = _NAME.match(path)
            if match:
                key = (match["department"], int(match["year"]))
                self._highest[key] = max(self._highest.get(key, 0), int(match["serial"]))

    def next_id(self, department: str, year: int) -> str:
        """The next id of a department's year. GongkaiError when all five digits are used up."""
        serial = self._highest.get((department, year), 0) + 1
        if serial > LAST:
            raise GongkaiError(
                msg(
                    "department {department} has no free number left in {year}",
                    department=department,
                    year=year,
                ),
                msg("use another department's code for the rest of the year"),
                Exit.FINDINGS,
            )
        self._highest[(department, year)] = serial
        return f"{department}-{year:04d}-{serial:05d}"


def path_of(item_id: str, form: str = "md") -> str:
    """Where the item of this id stands in the portal's folder."""
    department, year, _ = item_id.rsplit("-", 2)
    return f"content/{department}/{year}/{item_id}.{form}"
