"""The only clock of the house. Everything else takes the time as an argument."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg


def now() -> datetime:
    """The present moment, aware, in UTC; `SOURCE_DATE_EPOCH` (seconds since 1970) stands in for it when set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return datetime.fromtimestamp(int(epoch), UTC)
    return datetime.now(UTC)  # noqa: TID251 - this is the place


def parse(text: str) -> datetime:
    """An RFC 3339 time with its offset, or a bare date (its midnight in UTC+8); GongkaiError otherwise."""
    full = f"{text}T00:00:00+08:00" if len(text) == len("2026-01-01") else text
    try:
        moment = datetime.fromisoformat(full)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise GongkaiError(
            msg("{text} is not a time", text=text),
            msg("write it like 2026-03-01T09:00:00+08:00, with the offset, or as a date like 2026-03-01"),
        )
    return moment
