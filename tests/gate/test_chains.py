"""A ledger that was read once is read on from there: what is told of items is what reading all of it tells."""

from __future__ import annotations

import pytest

from gongkai.evidence.ledger import LEDGER
from gongkai.gate.history import Unsound
from gongkai.gate.moments import Moments
from gongkai.gate.proof import Chains, followed, public_record
from gongkai.gate.publication import record_published

from .conftest import Server
from .test_difference import ASKED, ITEM, NEW, OLD, House, house  # noqa: F401 - a fixture


def told(server: Server, chains: Chains):
    record = chains.record(server.gate.refresh().main)
    assert record == public_record(server.gate.folder, server.gate.state.main)
    return record


def test_going_on_tells_the_same_as_reading_everything(house: House, monkeypatch):  # noqa: F811
    server = house.server
    chains = followed(server.gate.folder)
    assert told(server, chains).proofs.keys() == {ITEM}
    house.change(NEW, **ASKED, publish=False)
    read = []
    proof = Chains.proof
    monkeypatch.setattr(Chains, "proof", lambda self, ident: (read.append(ident), proof(self, ident))[1])
    for _ in range(2):
        assert followed(server.gate.folder, chains) is chains
        assert told(server, chains).earlier == {}
    record_published(server.gate, [ITEM], house.now())
    assert followed(server.gate.folder, chains) is chains
    assert told(server, chains).earlier.keys() == {ITEM}
    house.change(OLD)
    assert told(server, followed(server.gate.folder, chains)).earlier == {}
    read.clear()
    house.change(NEW, title="又一次", publish=False)
    followed(server.gate.folder, chains).record(server.gate.refresh().main)
    assert read == [ITEM], "the item that the change was about, and no other"


def test_an_older_commit_is_told_as_of_then(house: House):  # noqa: F811
    server = house.server
    old = server.gate.refresh().main
    house.change(NEW, **ASKED)
    chains = followed(server.gate.folder)
    for main in (server.gate.refresh().main, old, server.gate.state.main):
        assert chains.record(main) == public_record(server.gate.folder, main)


def test_a_ledger_that_took_another_way_is_read_from_its_beginning(house: House):  # noqa: F811
    """So it is after a publication that was prepared and could not be recorded: the server's next event took its place."""
    server = house.server
    gate, before = server.gate, server.gate.refresh().last
    gate.record("rolled_back", {"release": "one", "main": gate.state.main}, house.now())
    chains = followed(gate.folder)
    (gate.folder / LEDGER).write_text(f"{before.id}\n")
    server = server.anew()
    server.gate.record("rolled_back", {"release": "two", "main": server.gate.state.main}, house.now())
    with pytest.raises(Unsound):
        Chains.follow(followed_copy(chains), server.gate.objects.ref(LEDGER))
    again = followed(gate.folder, chains)
    assert again is not chains and again.tip == server.gate.objects.ref(LEDGER)
    told(server, again)


def followed_copy(chains: Chains) -> Chains:
    made = Chains(chains.folder)
    made.follow(chains.tip)
    return made


def test_policies_are_read_once_for_the_same_settings(house: House, monkeypatch):  # noqa: F811
    chains = followed(house.server.gate.folder)
    moments = Moments(chains.moments.proven)
    tree, time = chains.state.main_tree, chains.events[-1].time
    assert moments.policy(tree, time) is moments.policy(tree, time)
