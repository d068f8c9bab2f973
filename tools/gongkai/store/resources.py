"""Where the engine's own schemas, settings and catalogues are: in the wheel, or in the checkout it runs from."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def template_root() -> Path:
    """The folder that holds the engine's schemas/, site_config/ and mkdocs.yml."""
    packed = PACKAGE / "_template"
    return packed if packed.is_dir() else PACKAGE.parent.parent


def locale_root() -> Path:
    """The folder of the gettext catalogues."""
    return PACKAGE / "locale"
