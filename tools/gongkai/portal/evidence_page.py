"""The public record of how an item was reviewed: a page for readers, the same as JSON for whoever compares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gongkai.evidence.chain import Link, Proof, as_data, limited_to
from gongkai.model.item import Item
from gongkai.model.message import N_, Message, msg
from gongkai.portal import address, standing
from gongkai.portal.item_page import ItemPage
from gongkai.portal.page import Crumb, Page, Row, SiteText
from gongkai.portal.site import Site
from gongkai.report.escape import json_text

SAID = {
    "confirmed": N_("Second review: {step}"),
    "objected": N_("The second review objected: {step}"),
    "lapsed": N_("The second review was not done in time"),
    "withdrawn": N_("Taken down, because the second review was not done in time"),
}
"""What happens after a publication that was approved in short."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the record as a reader sees it."""

    kind: str
    time: str
    what: str
    who: str = ""
    note: str = ""


class EvidencePage:
    """Makes the record of one item; only files that its page offers are named."""

    def __init__(self, site: Site, item: Item, made: ItemPage | None) -> None:
        self.site = site
        self.item = item
        shown = {item.path, *(file.source for file in made.files())} if made else frozenset[str]()
        self.proof = limited_to(site.record.proofs[item.id], shown)

    def page(self) -> Page:
        """The page for readers."""
        site, t = self.site, self.site.t
        return Page(
            path=address.evidence(self.item),
            template="gongkai/evidence.html",
            title=t["evidence"],
            context={
                "about": site.title_of(self.item),
                "about_path": self.item.address,
                "facts": list(self._facts()),
                "moments": [self._moment(link) for link in self.proof.chain],
                "rows": self.proof.chain,
                "files": [row for row in _present(self.proof).files if row.path != self.item.path],
                "proof": self.proof,
                "data_path": address.evidence(self.item, "json"),
                "checkpoints_path": address.CHECKPOINTS if site.record.checkpoints else "",
                "crumbs": [Crumb(site.title_of(self.item), self.item.address)],
                "meta": {"robots": "noindex"},
            },
        )

    def text(self) -> SiteText:
        """The same as JSON."""
        return SiteText(address.evidence(self.item, "json"), json_text(as_data(self.proof), indent=1) + "\n")

    def _facts(self) -> Iterator[Row]:
        """The few things that most readers come for."""
        facts, t = self.proof.facts, self.site.t
        yield Row(t["id"], self.item.id)
        yield Row(t["index_number"], standing.index_number(self.item, self.site.portal))
        yield Row(t["received"], self._clock(facts.received))
        yield Row(t["accepted"], self._clock(facts.accepted))
        yield Row(t["published"], self._clock(facts.published) or t["not_published"])
        if facts.changed != facts.published:
            yield Row(t["last_change"], self._clock(facts.changed))

    def _clock(self, moment: object) -> str:
        if not isinstance(moment, datetime):
            return str(moment or "")
        return f"{moment.astimezone(self.site.portal.settings.timezone):%Y-%m-%d %H:%M}"

    def _moment(self, link: Link) -> Moment:
        what = self.site.say(self._what(link))
        who = self.site.words(link.role) or self.site.words(link.department)
        if link.person:
            who = f"{who}（{link.person}）" if self.site.lang == "zh" else f"{who} ({link.person})"
        return Moment(link.kind, _minute(link.time), what, who, link.reason)

    def _what(self, link: Link) -> Message:
        if link.kind == "received":
            again = msg("Handed in again after changes (version {version})", version=link.version)
            return msg("Handed in for review") if link.version == 1 else again
        if link.kind == "approved":
            return msg("Approved: {step}", step=link.step_title)
        if link.kind == "returned":
            return msg("Returned to be changed")
        if link.kind in SAID:
            return msg(SAID[link.kind], step=link.step_title)
        if link.kind == "accepted":
            return msg("All approvals were given; accepted for publication")
        if self._is_first(link):
            return msg("Published, index number {number}", number=link.index_number)
        return msg("The changed version was published")

    def _is_first(self, link: Link) -> bool:
        return next((one for one in self.proof.chain if one.kind == "published"), link) is link


def _present(proof: Proof) -> Link:
    """The link that tells the files of the present version."""
    found = (link for link in reversed(proof.chain) if link.files)
    return next(found, Link(0, "", "", ""))


def _minute(time: str) -> str:
    return datetime.fromisoformat(time).strftime("%Y-%m-%d %H:%M")


def deciders(item: Item, site: Site) -> list[str]:
    """The posts of those whose approval made the present version public."""
    proof = site.record.proofs.get(item.id)
    links = proof.deciding if proof else ()
    return [site.words(link.role) or site.words(link.department) for link in links]
