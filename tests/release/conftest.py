"""A small server, and a publisher beside it: real repositories, real builds, a web server that visitors ask.

`publisher` has published the three items of the gate's template. Times are the real clock's unless a test sets `moment`.
"""

# ruff: noqa: F401, F811 - fixtures of the gate's tests are taken by name
from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.gate.conftest import Server, _plain_git, new_server, news, path_of, template

from gongkai.cli.publish_source import ServerSource
from gongkai.gate.repository import open_gate
from gongkai.gate.server import configure
from gongkai.model.message import Message
from gongkai.release.making import Order
from gongkai.release.manifest import differences
from gongkai.release.place import Place, Release
from gongkai.release.publish import Outcome, publish
from gongkai.release.rollback import Act, rollback
from gongkai.store import clock
from gongkai.store.durable import files_of


class Spoilt(ServerSource):
    """A source whose finished portal somebody tampers with before it is looked over."""

    spoil: Callable[[Path], None] = staticmethod(lambda site: None)

    def build(self, view: Any, site: Path, before: Path | None = None) -> tuple[Message, ...]:
        faults = super().build(view, site)
        self.spoil(site)
        return faults


@dataclass
class Publisher:
    """A publisher with its folders beside a server's repository."""

    server: Server
    place: Place
    said: list[Message] = field(default_factory=list)
    moment: datetime | None = None

    def now(self) -> datetime:
        return self.moment or clock.now()

    def source(self, repo: Path | None = None) -> Spoilt:
        mirror = self.place.state / "mirror.git"
        return Spoilt(str(repo or self.server.folder), mirror, wall=lambda: max(self.now(), clock.now()))

    def order(self, **more: Any) -> Order:
        return Order(
            **{"now": self.now, "wall": clock.now, "tell": self.said.append, "engine": "one", **more}
        )

    def publish(self, source: ServerSource | None = None, **more: Any) -> Outcome:
        return publish(self.place, source or self.source(), self.order(**more))

    def back(self, name: str = "", **more: Any) -> Act:
        def look():
            source = self.source()
            return source, source.look(None, self.now())

        return rollback(self.place, self.order(), look, name, **more)

    @property
    def shown(self) -> Release:
        found = self.place.current()
        assert found is not None
        return found

    @property
    def site(self) -> Path:
        return self.place.root / "current"

    def page(self, path: str) -> str:
        return (self.site / path).read_text(encoding="utf-8")

    def everything(self, name: str = "") -> bytes:
        """Every byte that visitors of a release (the present one) could fetch."""
        folder = self.place.site(name) if name else self.site.resolve()
        return b"\n".join(p.encode() + b"\n" + f.read_bytes() for p, f in files_of(folder))

    def whole(self) -> bool:
        """Whether what visitors see is one whole release, and nothing half-made lies about after the next command."""
        name = self.shown.name
        return differences(self.place.folder(name), self.place.site(name)) == []

    def accept(self, ident: str, now: datetime | None = None, **fields: Any) -> str:
        """An item handed in and approved; returns main."""
        server = self.server
        text = news(ident, server.today(), **fields)
        department = ident.split("-")[0]
        number = server.hand_in({path_of(ident): text}, now, name=ident, department=department).number
        return server.accept(number, now)

    def accept_for(self, moments: dict[str, datetime]) -> None:
        """Items accepted in one submission, each embargoed until its minute."""
        day = self.server.today()
        files = {
            path_of(i): news(i, day, f"望潮站第{i[-5:]}号复测情况通报", publish_at=f'"{at.isoformat()}"')
            for i, at in moments.items()
        }
        self.server.accept(self.server.hand_in(files, name="embargoed").number)

    def copied(self, folder: Path) -> Publisher:
        """The same in another folder."""
        folder.mkdir(exist_ok=True)
        shutil.copytree(self.server.folder, folder / "server.git")
        configure(folder / "server.git")
        for name in ("www", "www.state"):
            shutil.copytree(self.place.root.with_name(name), folder / name, symlinks=True)
        gate = open_gate(folder / "server.git")
        server = Server(gate.folder, self.server.keys, gate, self.server.start)
        return Publisher(server, Place(folder / "www", folder / "www.state"))


@pytest.fixture(scope="session")
def published(new_server: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """Published once; only to be copied."""
    folder = tmp_path_factory.mktemp("published")
    made = Publisher(new_server(folder), Place(folder / "www", folder / "www.state"))
    made.publish()
    return made


@pytest.fixture
def publisher(published: Publisher, tmp_path: Path) -> Publisher:
    """A publisher of the test's own: genesis is out."""
    return published.copied(tmp_path / "publisher")
