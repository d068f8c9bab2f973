"""Workers of a Dask cluster for `gongkai build --workers`. Dask is asked for only when somebody names a scheduler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg

if TYPE_CHECKING:
    from gongkai.portal.making import Way

PACKAGE = "gongkai"
WAIT = 10
"""So many seconds the scheduler has to answer."""


@contextmanager
def way_of(address: str | None) -> Iterator[Way | None]:
    """Who is to print the portal: the workers of the scheduler at `address`; None, which is this machine, without one.

    GongkaiError (exit 3) when Dask is not installed, nobody answers, or a worker has no Gongkai.
    """
    if address is None:
        yield None
        return
    from gongkai.portal.shards import press_in_shards

    with _client(address) as client:
        _refuse_unfit(address, client)
        yield partial(press_in_shards, client.get_executor())


def _client(address: str) -> Any:
    try:
        return import_module("distributed").Client(address, timeout=WAIT, set_as_default=False)
    except ImportError as error:
        raise GongkaiError(
            msg("Dask is not installed: without it nothing is built by other machines"),
            msg("install it: `pip install gongkai[workers]`, or `pip install -r requirements/workers.txt`"),
            Exit.BROKEN,
        ) from error
    except (OSError, ValueError) as error:
        raise GongkaiError(
            msg("no Dask scheduler answers at {address}: {reason}", address=address, reason=str(error)),
            msg("start one with `dask scheduler`, and name its address: tcp://HOST:8786"),
            Exit.BROKEN,
        ) from error


def _refuse_unfit(address: str, client: Any) -> None:
    """A worker without Gongkai could not even say so: its jobs would never end."""
    from importlib.metadata import version  # not needed where nobody asks for workers

    # A function of Python's own: one of ours could not be asked for where ours is missing.
    found: Mapping[str, object] = client.run(version, PACKAGE, on_error="return")
    if not found:
        raise GongkaiError(
            msg("the Dask scheduler at {address} has no workers", address=address),
            msg("start one for each processor: `dask worker {address} --nthreads 1`", address=address),
            Exit.BROKEN,
        )
    for worker, answer in found.items():
        if not isinstance(answer, str):
            raise GongkaiError(
                msg("Gongkai is not installed where the worker {worker} runs", worker=worker),
                msg("install the same on all machines, best one environment on a shared disk or one image"),
                Exit.BROKEN,
            )
