"""The `gongkai` command."""

from __future__ import annotations

import atexit
import os
import sys
import threading


def main() -> None:
    """Run the command line; see `gongkai --help`."""
    from gongkai.store.environment import collect_seldom

    collect_seldom()
    from gongkai.cli.main import cli

    try:
        cli(prog_name="gongkai")
    except SystemExit as end:
        _leave(end)
        raise


def _leave(end: SystemExit) -> None:
    """End at once: to take apart, object by object, all that was read takes longer than many a command."""
    code = end.code or 0
    if not isinstance(code, int) or threading.active_count() > 1:
        return  # Python has something to print, or to wait for
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (
        OSError,
        ValueError,
        AttributeError,
    ):  # nobody reads, or there is nowhere to write: Python says so
        return
    os._exit(code)


if __name__ == "__main__":
    main()
