"""SSH signatures through `ssh-keygen -Y`: made with a person's key, verified against the keys the policy names."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.process import run


def make_key(path: Path, comment: str) -> str:
    """Make an Ed25519 key pair without a passphrase at `path` (which must not exist); returns the public key's line."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    done = run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path])
    if done.code:
        raise _failed(done.err)
    return path.with_name(path.name + ".pub").read_text().strip()


def sign(key: Path, namespace: str, data: bytes) -> str:
    """The armoured signature of `data` in `namespace` with the private key (or the agent's, for a .pub file)."""
    with tempfile.TemporaryDirectory(prefix="gongkai-sign-") as folder:
        file = Path(folder) / "statement"
        file.write_bytes(data)
        done = run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace, file])
        if done.code:
            raise _failed(done.err)
        return file.with_name("statement.sig").read_text()


def signer(
    keys: Iterable[tuple[str, str]], namespace: str, data: bytes, signature: str, moment: datetime
) -> tuple[str, str]:
    """Which of the `keys` (person, public key line) made the signature of exactly these bytes; ("", "") when none did.

    Every key is tried alone, for this namespace only, with ssh-keygen's clock at `moment`: the server's time of
    receipt, never a date that the signer wrote.
    """
    with tempfile.TemporaryDirectory(prefix="gongkai-verify-") as folder:
        allowed, mark = Path(folder) / "allowed", Path(folder) / "signature"
        mark.write_text(signature)
        at = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
        for person, key in keys:
            allowed.write_text(f'{person} namespaces="{namespace}" {key}\n')
            args: list[str | Path] = [
                "ssh-keygen",
                "-Y",
                "verify",
                "-f",
                allowed,
                "-I",
                person,
                "-n",
                namespace,
                "-s",
                mark,
                "-O",
                f"verify-time={at}",
            ]
            if run(args, stdin=data).code == 0:
                return person, key
    return "", ""


def _failed(err: bytes) -> GongkaiError:
    return GongkaiError(
        msg("ssh-keygen failed: {reason}", reason=err.decode("utf-8", "replace").strip()),
        msg("check that openssh-client is installed and that the key is yours and readable"),
        Exit.BROKEN,
    )
