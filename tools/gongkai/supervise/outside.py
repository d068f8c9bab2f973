"""The nightly look at links to other hosts: which ones are asked, what their answers mean, since when one is broken."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from gongkai.checks.links import all_links
from gongkai.checks.portal import Portal
from gongkai.checks.schemes import web
from gongkai.model.deadline import Period, Unit
from gongkai.model.finding import Place
from gongkai.model.item import Item
from gongkai.store.asking import Answer
from gongkai.store.files import write_whole

SCHEMA_VERSION = 1
AT_ONCE = 8
"""So many hosts are asked at the same time, each one address after another."""
CLEAR = Period(Unit.WORKING_DAYS, 3)
"""A finding of the issue list is cleared within three working days (客户信息资料真实性管理实施细则 第13条)."""
OK, BROKEN, ELSEWHERE, UNCLEAR = "ok", "broken", "elsewhere", "unclear"
_UNCLEAR = frozenset({401, 403, 405, 406, 407, 408, 425, 429, 451, 999})
_RETRIED = frozenset({500, 502, 503, 504})


class Asks(Protocol):
    """What asks addresses (store/asking.Asker)."""

    def ask(self, url: str) -> Answer:
        """How the address answers."""
        ...

    def robots(self, host_url: str) -> str:
        """The host's robots.txt."""
        ...


@dataclass(frozen=True, slots=True)
class Outside:
    """A link to another host, where it stands."""

    url: str
    item: Item
    place: Place
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address: its state, the last answer, when it was asked, since when it is broken (ISO times)."""

    state: str
    status: int = 0
    fault: str = ""
    final: str = ""
    asked: str = ""
    first_broken: str = ""


State = Mapping[str, Known]


def outside_links(portal: Portal) -> Iterator[Outside]:
    """Every link of every item to a host that is not the portal's own, in the order of the files."""
    own = web(str(portal.settings.portal.get("url", "")))
    for item in portal.corpus.items:
        for link in all_links(item, portal):
            address = web(link.url)
            if address and address.hostname and (own is None or address.hostname != own.hostname):
                yield Outside(link.url, item, link.place, link.words)


def read_state(path: Path) -> State:
    """What an earlier run wrote; empty for none or for a file that makes no sense."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["urls"]
        return {url: Known(**row) for url, row in rows.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_state(path: Path, state: State) -> None:
    """Keep what is known, for the next run."""
    data = {"schema_version": SCHEMA_VERSION, "urls": {url: asdict(k) for url, k in sorted(state.items())}}
    write_whole(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def to_ask(urls: Iterable[str], state: State, now: datetime, age: timedelta) -> list[str]:
    """The addresses to ask now: what was well is asked again after `age`, everything else every time."""
    chosen = []
    for url in dict.fromkeys(urls):
        known = state.get(url)
        if known is None or known.state != OK or datetime.fromisoformat(known.asked) + age <= now:
            chosen.append(url)
    return chosen


@dataclass(frozen=True, slots=True)
class Manners:
    """How politely hosts are asked: seconds between two requests to one, how to wait, under which name."""

    delay: float
    sleep: Callable[[float], None]
    agent: str


def ask_all(
    urls: Iterable[str], asker: Asks, manners: Manners, told: Callable[[str], None] = lambda _: None
) -> dict[str, Answer]:
    """The answers of addresses, one at a time for each host; `told` hears of each address that is done."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        hosts[urlsplit(url).netloc.lower()].append(url)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = pool.map(lambda group: list(_ask_host(group, asker, manners, told)), hosts.values())
        return {url: answer for row in rows for url, answer in row}


def _ask_host(
    urls: list[str], asker: Asks, manners: Manners, told: Callable[[str], None]
) -> Iterator[tuple[str, Answer]]:
    robots = RobotFileParser()
    robots.parse(asker.robots(urls[0]).splitlines())
    for url in urls:
        manners.sleep(manners.delay)
        if not robots.can_fetch(manners.agent, url):
            yield url, Answer(0, "robots")
        else:
            answer = asker.ask(url)
            if answer.status in _RETRIED or answer.fault in ("refused", "time", "broken"):
                manners.sleep(3 * manners.delay)
                answer = asker.ask(url)
            yield url, answer
        told(url)


def judged(url: str, answer: Answer, before: Known | None, now: datetime) -> Known:
    """What an answer means. A broken link's first day stays until it answers again; "cannot be told" leaves it."""
    state = _state(url, answer)
    stamp = now.isoformat(timespec="seconds")
    first = before.first_broken if before else ""
    if state == UNCLEAR and before and before.state == BROKEN:
        return replace(before, asked=stamp)
    first = (first or stamp) if state in (BROKEN, ELSEWHERE) else ""
    return Known(state, answer.status, answer.fault, answer.final, stamp, first)


def _state(url: str, answer: Answer) -> str:
    if answer.fault in ("robots", "inner") or answer.status in _UNCLEAR:
        return UNCLEAR
    if answer.fault or not 200 <= answer.status < 300:
        return BROKEN
    return OK if _same_house(url, answer.final) else ELSEWHERE


def _same_house(asked: str, final: str) -> bool:
    """Whether an address led to a host of the same domain: an expired one often comes back as somebody else's."""
    first, last = (urlsplit(u).hostname or "" for u in (asked, final))
    return not last or _domain(first) == _domain(last)


def _domain(host: str) -> str:
    """The last two labels, three below .gov.cn and its like; a number as it is."""
    labels = host.rstrip(".").split(".")
    if labels[-1].isdigit():
        return host
    short = len(labels) > 2 and labels[-2] in ("gov", "com", "org", "net", "edu", "ac", "mil")
    return ".".join(labels[-3:] if short else labels[-2:])


def due(known: Known, portal: Portal) -> date:
    """By when a broken link is to be mended: three working days after it was first seen broken."""
    first = datetime.fromisoformat(known.first_broken).astimezone(portal.settings.timezone)
    return portal.calendar.due(first.date(), CLEAR).day
