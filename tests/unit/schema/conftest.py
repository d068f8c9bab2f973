import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from schema_examples import ROOT

from gongkai.schema.library import read_types
from gongkai.store.tree import FolderTree


@pytest.fixture(scope="session")
def library():
    return read_types(FolderTree(ROOT))


@pytest.fixture
def portal(tmp_path):
    """A folder with a small portal's schemas: what a test adds is all it holds beside the common fields."""
    items = tmp_path / "schemas" / "items"
    items.mkdir(parents=True)
    common = (ROOT / "schemas" / "common.schema.json").read_bytes()
    (tmp_path / "schemas" / "common.schema.json").write_bytes(common)
    return tmp_path
