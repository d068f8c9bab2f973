"""The `gongkai` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line; see `gongkai --help`."""
    from gongkai.cli.main import cli

    cli(prog_name="gongkai")


if __name__ == "__main__":
    main()
