"""The pages' templates, compiled once for this version of the engine and kept: compiling them takes a fifth of a second.

They are code of the engine, whatever the portal. So they lie where Python keeps what it made of the modules beside this one: no
portal has to compile them again. Where nobody may write there, each portal keeps them by itself.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from gongkai.store.files import write_whole
from gongkai.store.kept import Kept, engine

OURS = Path(__file__).parent / "templates"
"""The templates of pages; those of the theme are few, and needed by fixed pages only."""
_KIND = "templates"
_SUM = hashlib.sha256().digest_size


class _Compiled(BytecodeCache):
    """Templates by name, file and text; `fresh` when one was compiled that nobody kept."""

    def __init__(self, known: dict[str, bytes]) -> None:
        self.known = known
        self.fresh = False

    def load_bytecode(self, bucket: Bucket) -> None:
        """See Jinja: what is kept for the same text, or nothing."""
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See Jinja."""
        self.known[bucket.key] = bucket.bytecode_to_string()
        self.fresh = True


def compile_all(env: Environment, kept: Kept) -> None:
    """Have every template of pages ready. After this nothing is read or written: forked children share what is there."""
    env.bytecode_cache = compiled = _Compiled(_read(kept))
    env.cache = {}  # these few stay: nobody needs to reckon which was used last
    for file in sorted(OURS.rglob("*.html")):
        env.get_template(file.relative_to(OURS).as_posix())
    env.bytecode_cache = None
    if compiled.fresh:
        _keep(compiled.known, kept)


def _beside() -> Path:
    """The file beside what Python made of this module; who may write there may write that, too."""
    return Path(cache_from_source(__file__)).with_suffix(".templates")


def _read(kept: Kept) -> dict[str, bytes]:
    """What is kept, if this very engine kept it; where nothing is to be kept nothing is read."""
    found: dict[str, bytes] = {}
    if kept.folder is not None:
        with suppress(OSError):
            found = _unpacked(_beside().read_bytes())
    return found or _unpacked(kept.get(_KIND, "") or b"")


def _unpacked(packed: bytes) -> dict[str, bytes]:
    sum_, data = packed[:_SUM], packed[_SUM:]
    found: dict[str, bytes] = marshal.loads(data) if sum_ == _sum(data) else {}
    return found


def _keep(known: dict[str, bytes], kept: Kept) -> None:
    data = marshal.dumps(known)
    packed = _sum(data) + data
    if kept.folder is not None and not sys.dont_write_bytecode:
        with suppress(OSError):
            write_whole(_beside(), packed)
            return
    kept.put(_KIND, {"": packed})


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(engine().encode() + data).digest()
