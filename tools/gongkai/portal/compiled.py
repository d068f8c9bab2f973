"""The pages' templates, compiled once for this version of the engine and kept: compiling them took a third of a second."""

from __future__ import annotations

from pathlib import Path

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from gongkai.store.kept import Kept

OURS = Path(__file__).parent / "templates"
"""The templates of pages; those of the theme are few, and needed by fixed pages only."""
_KIND = "template"


class _Compiled(BytecodeCache):
    """Templates by name, file and text, in what is kept."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def load_bytecode(self, bucket: Bucket) -> None:
        """See Jinja: what is kept for the same text, or nothing."""
        raw = self._kept.get(_KIND, bucket.key)
        if raw is not None:
            bucket.bytecode_from_string(raw)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See Jinja."""
        self._kept.put(_KIND, {bucket.key: bucket.bytecode_to_string()})


def compile_all(env: Environment, kept: Kept) -> None:
    """Have every template of pages ready. After this nothing is read or written: forked children share what is there."""
    env.bytecode_cache = _Compiled(kept)
    env.cache = {}  # these few stay: nobody needs to reckon which was used last
    for file in sorted(OURS.rglob("*.html")):
        env.get_template(file.relative_to(OURS).as_posix())
    env.bytecode_cache = None
