"""Where links lead (LNK1xx): inside, a place that is there; outside, a host that the portal stands by; nowhere dangerous.

Dead, wrong and bad outside links are among what inspections find most; expired domains come back as adverts, and a link to
porn or gambling fails a site at once (国办秘函〔2019〕19号). Links to other items (`doc:`) are REF116's.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from gongkai.checks.glance import Glance
from gongkai.checks.hosts import is_allowed, is_numeric, is_odd, is_private, policy
from gongkai.checks.links_found import ADDRESS, FIELD_SIGNS, Link, links
from gongkai.checks.portal import Portal
from gongkai.checks.rule import Rule
from gongkai.checks.scanned import scanned
from gongkai.checks.schemes import DANGEROUS, KNOWN, scheme_of, web
from gongkai.model.finding import Hit, Severity
from gongkai.model.item import ID_PATTERN, Item
from gongkai.model.lazily import lazily
from gongkai.model.message import N_

_ITEM_PAGE = lazily(r"^/?([a-z][a-z0-9-]*)/(\d{4})/(\d{5})\.html$")
_FIELD = lazily(
    r"\s*(?:https?://\S+|(?:java|vb|live)script\s*:.*|data:\w+/.*|file:/.*)\Z", re.IGNORECASE | re.DOTALL
)
_NAMED = lazily(
    r"(?:https?://)?((?:[A-Za-z0-9-]+\.)+"
    r"(?:com|cn|net|org|gov|edu|int|info|biz|cc|tv|hk|mo|tw|top|xyz|vip|shop|site|online|club|link))(?:[/:?#]\S*)?\Z",
    re.ASCII,
)
"""Words that are an address themselves; `报名表.docx` is the name of a file."""
SHOWN = 80


def _look(item: Item, portal: Portal) -> Iterator[tuple[str, Hit]]:
    if not _holds_addresses(item, portal):
        return
    hosts: set[str] = set()
    for link in all_links(item, portal):
        found = _judged(link, portal, hosts)
        if found:
            yield found, _hit(link)
        if link.form == "link" and not link.words and not link.url.startswith("#"):
            yield "LNK111", _hit(link)


def _holds_addresses(item: Item, portal: Portal) -> bool:
    """Whether anything in the item's own text could be an address: what is passed over at once in most items."""
    return ADDRESS in scanned(item, portal)[0][1].places


def all_links(item: Item, portal: Portal) -> Iterator[Link]:
    """The links of the text, and fields that hold an address; the old portal's own address is history."""
    yield from links(item)
    text = portal.texts(item)[0]
    if any(sign in text.text for sign in FIELD_SIGNS):
        for passage in text.passages:
            outside = passage.field == "body" or passage.field.startswith("legacy.")
            if not outside and _FIELD.match(passage.text):
                yield Link(passage.text.strip(), passage.place, passage.field, "field")


def _judged(link: Link, portal: Portal, hosts: set[str]) -> str | None:
    scheme = scheme_of(link.url)
    if scheme in DANGEROUS:
        return "LNK102"
    address = web(link.url)
    if address is None:
        return None if scheme in KNOWN else "LNK103"
    if address.username or address.password:
        return "LNK104"
    return _host_judged(address, link, portal, hosts)


def _host_judged(address: SplitResult, link: Link, portal: Portal, hosts: set[str]) -> str | None:
    host = unquote(address.hostname or "")
    own = _own_host(portal)
    if not host:
        return "LNK103"
    if is_private(host):
        return "LNK105"
    if is_numeric(host) or is_odd(host):
        return "LNK106"
    if _speaks_of_another(link.words, host):
        return "LNK110"
    if host == own:
        return "LNK107" if _ITEM_PAGE.match(address.path) else None
    external, allowed = policy(portal.settings.portal)
    if external == "allow" or is_allowed(host, allowed) or host in hosts:
        return None
    hosts.add(host)
    return "LNK109" if external == "refuse" else "LNK108"


def _own_host(portal: Portal) -> str:
    address = web(str(portal.settings.portal.get("url", "")))
    return (address.hostname or "") if address else ""


def _speaks_of_another(words: str, host: str) -> bool:
    """Whether the words are an address themselves, of another host than the link's."""
    named = _NAMED.fullmatch(words.strip())
    if named is None:
        return False
    said, real = (h.lower().removeprefix("www.") for h in (named[1], host))
    return said != real and not said.endswith(f".{real}") and not real.endswith(f".{said}")


def _hit(link: Link) -> Hit:
    """A hit that repeats no password: what stands before an @ is masked."""
    url = re.sub(r"//[^/@]*@", "//***@", link.url)
    shown = url if len(url) <= SHOWN else f"{url[:SHOWN]}…"
    address = web(link.url)
    holes = {"url": shown, "host": (address.hostname or "") if address else "", "words": link.words[:SHOWN]}
    return Hit(link.place, holes, link.words if link.form == "field" else "body")


_GLANCE = Glance(_look)


def _dead(item: Item, portal: Portal) -> Iterable[Hit]:
    for link in links(item) if _holds_addresses(item, portal) else ():
        if not _leads(link, item, portal):
            yield _hit(link)


def _leads(link: Link, item: Item, portal: Portal) -> bool:
    """Whether a link inside the portal leads somewhere, as portal/references.py will follow it."""
    address = web(link.url)
    if address is not None:
        known = address.hostname != _own_host(portal) or not _ITEM_PAGE.match(address.path)
        return known or _is_page(address.path, portal)
    if scheme_of(link.url) or link.url.startswith("#"):
        return True
    path = unquote(urlsplit(link.url).path) if _splits(link.url) else ""
    if path.startswith("/"):
        return _is_page(path, portal)
    near = posixpath.normpath(posixpath.join(posixpath.dirname(item.path), path))
    return (link.form != "image" and near in portal.corpus.by_path) or _own_file(path, item, portal)


def _splits(url: str) -> bool:
    try:
        return bool(urlsplit(url))
    except ValueError:
        return False


def _is_page(path: str, portal: Portal) -> bool:
    match = _ITEM_PAGE.match(path)
    if match and ID_PATTERN.match(f"{match[1]}-{match[2]}-{match[3]}"):
        return f"{match[1]}-{match[2]}-{match[3]}" in portal.corpus.by_id
    return False


def _own_file(path: str, item: Item, portal: Portal) -> bool:
    for start in (item.folder, posixpath.dirname(item.path)):
        full = posixpath.normpath(posixpath.join(start, path))
        entry = portal.corpus.files.get(full)
        if entry and entry.kind == "file" and full.startswith(f"{item.folder}/"):
            return True
    return False


_ARRIVE = N_(
    "A reader who follows a link must arrive; dead links count as faults at inspection (国办秘函〔2019〕19号)."
)
_SAFE = N_("A link that runs a program or opens a reader's own files has no place on a public page.")
_STAND_BY = N_(
    "The portal answers for where it sends readers: expired domains come back as adverts, and one link to porn or gambling "
    "fails the site at inspection (国办秘函〔2019〕19号)."
)
_HONEST = N_("What a link says must be where it leads.")


def _rule(
    code: str, name: str, says: str, hint: str, why: str = _STAND_BY, *, error: bool = False
) -> Rule:  # fmt: skip
    severity = Severity.ERROR if error else Severity.WARNING
    return Rule(code, name, severity, says, hint, why, item=_GLANCE.rule(code), alone=True)


RULES = (
    Rule("LNK101", "dead-link-inside", Severity.ERROR,
         N_("the link leads nowhere inside the portal: {url}"),
         N_("for another item write doc: and its id; for a file write its name and put it into the item's folder"),
         _ARRIVE, item=_dead),
    _rule("LNK102", "dangerous-link", N_("the link runs a program or opens a reader's own files: {url}"),
          N_("delete it; attach the file to the item instead, or link to a page with https://"), _SAFE, error=True),
    _rule("LNK103", "link-of-unknown-kind", N_("browsers cannot follow this address, it is shown as text: {url}"),
          N_("write it with https:// in front"), _ARRIVE),
    _rule("LNK104", "password-in-link", N_("the address holds a name or a password: {url}"),
          N_("take it out of the address and change the password: whoever has read it can use it"), _SAFE, error=True),
    _rule("LNK105", "link-into-a-private-network", N_("the public cannot reach this address, it is of an inner network: {url}"),
          N_("give the public address, or attach the file"), _ARRIVE, error=True),
    _rule("LNK106", "suspicious-host", N_("the host is a bare number or imitates another name: {url}"),
          N_("ask who runs it, and write its proper name")),
    _rule("LNK107", "own-page-by-full-address", N_("a page of this portal is linked by its full address: {url}"),
          N_("write doc: and the item's id: such a link stays right when the portal moves"), _ARRIVE),
    _rule("LNK108", "host-not-on-the-list", N_("the link leads to another site: {host}"),
          N_("check that it is the right one and well kept; hosts that you stand by go into `links: allowed_hosts` of portal.yml")),
    _rule("LNK109", "host-refused", N_("links to this site are not allowed: {host}"),
          N_("leave the link out, or have an administrator put the host into `links: allowed_hosts` of portal.yml"), error=True),
    _rule("LNK110", "words-name-another-host", N_("the words say {words}, but the link leads to {host}"),
          N_("make both the same"), _HONEST),
    _rule("LNK111", "link-without-words", N_("the link has no words: {url}"),
          N_("say in a few words where it leads; readers of screen readers hear nothing else"), _HONEST),
)  # fmt: skip
