"""Statements people sign: a submission, an approval, a return, a second review. What is signed is what was shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gongkai.evidence.policy import Policy
from gongkai.model.evidence import Statement, canonical
from gongkai.store.signing import signer

NAMESPACES = {
    "submission": "gongkai-submission@v1",
    "cancel": "gongkai-submission@v1",
    "approval": "gongkai-approval@v1",
    "return": "gongkai-approval@v1",
    "confirmation": "gongkai-approval@v1",
    "objection": "gongkai-approval@v1",
    "revocation": "gongkai-revocation@v1",
    "clock": "gongkai-clock@v1",
}
"""The kinds of statements, each with the purpose that its signature is for. A confirmation and an objection are the
second review of what was accepted by a short level; a revocation makes keys void; `clock` accepts a clock that jumped."""
MAX_BYTES = 200_000


def text_of(statement: Statement) -> bytes:
    """The canonical bytes of a statement: what is signed."""
    return canonical({"schema_version": 1, **asdict(statement)})


def pack(statement: Statement, signature: str) -> bytes:
    """Statement and signature as one file, for the inbox."""
    return canonical({"statement": text_of(statement).decode(), "signature": signature})


def unpack(raw: bytes) -> tuple[Statement, bytes, str] | None:
    """Statement, its signed bytes, and the signature; None when `raw` is not what `pack` makes."""
    if len(raw) > MAX_BYTES:
        return None
    try:
        outer = json.loads(raw)
        signed = outer["statement"].encode()
        statement = _statement(json.loads(signed))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    # Only the canonical form is a statement: one meaning, one run of bytes.
    if text_of(statement) != signed or not isinstance(outer["signature"], str):
        return None
    return statement, signed, outer["signature"]


def _statement(data: Mapping[str, Any]) -> Statement:
    fields = {k: v for k, v in data.items() if k != "schema_version"}
    statement = Statement(**fields)
    texts = [
        getattr(statement, n)
        for n in ("kind", "repository", "submission", "change", "person", "time", "policy", "step")
    ]
    reasons = statement.reasons
    if (
        not all(isinstance(t, str) for t in texts)
        or type(statement.version) is not int
        or not isinstance(reasons, dict)
    ):
        raise TypeError
    if not all(isinstance(k, str) and isinstance(v, str) for k, v in reasons.items()):
        raise TypeError
    return statement


def signed_by(statement: Statement, raw: bytes, signature: str, policy: Policy, moment: datetime) -> str:
    """The key with which the person named in the statement signed it, good at `moment`; empty when it does not verify.

    The person's own keys only, in the statement's namespace only: another's key, an expired or unknown one, or a
    signature made for another purpose does not count.
    """
    namespace = NAMESPACES.get(statement.kind)
    if namespace is None:
        return ""
    keys = [(person, key) for person, key in policy.keys(moment) if person == statement.person]
    return signer(keys, namespace, raw, signature, moment)[1]
