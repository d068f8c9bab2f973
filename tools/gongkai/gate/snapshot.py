"""The state as bytes, so that a hook need not fold the whole ledger again: good for one event's id, and for nothing else."""

from __future__ import annotations

import io
import pickle
from typing import Any

from gongkai.evidence.state import State

_OURS = ("gongkai.evidence.", "gongkai.model.")
_PLAIN = frozenset(
    {("datetime", "datetime"), ("datetime", "date"), ("datetime", "timezone"), ("datetime", "timedelta"),
     ("builtins", "frozenset"), ("builtins", "set")}
)  # fmt: skip


class _Opener(pickle.Unpickler):
    """Makes frozen data of ours and dates, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        found = (
            super().find_class(module, name) if module.startswith(_OURS) or (module, name) in _PLAIN else None
        )
        if found is None or (module.startswith(_OURS) and not isinstance(found, type)):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found


def pack(state: State) -> bytes:
    """A state as bytes."""
    return pickle.dumps(state, protocol=5)


def unpack(raw: bytes) -> State | None:
    """The state that `pack` made; None when these bytes are none."""
    try:
        found = _Opener(io.BytesIO(raw)).load()
    except (pickle.UnpicklingError, AttributeError, TypeError, ValueError, EOFError, ImportError, IndexError):
        return None
    return found if isinstance(found, State) else None
