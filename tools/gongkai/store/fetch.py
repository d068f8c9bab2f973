"""Asking another machine for one file: http and https only, of limited size, within a limited time."""

from __future__ import annotations

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg


def fetch_bytes(url: str, limit: int, seconds: float = 30.0) -> bytes:
    """The bytes at an address. GongkaiError (exit 3) when it cannot be reached or holds more than `limit` bytes."""
    # What speaks TLS is imported by those who ask another machine, not by all who might.
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, headers={"User-Agent": "gongkai"})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            raw: bytes = answer.read(limit + 1)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise GongkaiError(
            msg("{url} cannot be fetched: {reason}", url=url, reason=str(reason)),
            msg("check the address and the network, or save the file and name it"),
            Exit.BROKEN,
        ) from error
    if len(raw) > limit:
        raise GongkaiError(
            msg("{url} is too large (over {limit} bytes)", url=url, limit=limit),
            msg("check the address and the network, or save the file and name it"),
            Exit.BROKEN,
        )
    return raw
