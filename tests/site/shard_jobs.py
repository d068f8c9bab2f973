"""Jobs that die: in a module of their own, for other processes must be able to import it."""

from __future__ import annotations

import os
from pathlib import Path

from gongkai.portal.press import Printed
from gongkai.portal.shards import Mishap, Order, Shard
from gongkai.portal.shards import print_shard as really_print


def dies_once(marker: str, order: Order, shard: Shard) -> Printed | Mishap:
    """The job of the search index kills its process when its files are there, the first time."""
    printed = really_print(order, shard)
    if shard.name == "search" and not Path(marker).exists():
        Path(marker).touch()
        os._exit(9)
    return printed


def dies(order: Order, shard: Shard) -> Printed | Mishap:
    """Every job kills its process."""
    os._exit(9)
