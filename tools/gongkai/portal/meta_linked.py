"""What a page is, for machines: JSON-LD in the words of schema.org."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gongkai.model.item import Item
from gongkai.model.settings import words
from gongkai.portal import address, well_known
from gongkai.portal.disclosure import label_of
from gongkai.portal.feeds_entry import enclosures
from gongkai.portal.feeds_json import filled
from gongkai.portal.frame import frame
from gongkai.portal.gist import Gist
from gongkai.portal.media import DATA, ending
from gongkai.portal.once import once
from gongkai.portal.page import Crumb, Page
from gongkai.portal.site import Site
from gongkai.report.escape import json_plain, json_script, json_string

CONTEXT = "https://schema.org"
KINDS = {
    "policy": "Legislation",
    "news": "NewsArticle",
    "emergency": "NewsArticle",
    "interpretation": "Article",
    "notice": "Article",
    "consultation": "Article",
    "public_list": "Article",
    "personnel": "Article",
    "budget": "Report",
    "plan_statistics": "Report",
    "service_guide": "WebPage",
    "organisation": "AboutPage",
}
"""The schema.org type by the item's; every other item is a DigitalDocument. An annual report is a Report by its `kind`."""
_REPORTS = ("annual_report", "website_report")
_HEADLINE = 110
"""The longest headline that search engines show."""
_STATUS = {
    "withdrawn": "Withdrawn", "replaced": "Superseded", "expired": "Expired", "repealed": "Repealed", "ended": "Archived",
    "preview": "Draft",
}  # fmt: skip
_FORCE = {"valid": "InForce", "amended": "InForce", "expired": "NotInForce", "repealed": "NotInForce"}


class Linked:
    """Writes the graphs of one site's pages; `root` is the portal's address. The ways that pages share are written once."""

    def __init__(self, site: Site, root: str) -> None:
        self._site, self._root = site, root
        self._begun: dict[tuple[Crumb, ...], str] = {}

    def of(self, page: Page) -> str:
        """The graph of a page that is no item's, ready for its script element."""
        return self._graph(json_plain(_overview(page, self._site, self._root))[1:-1], page)

    def of_item(self, said: Gist, page: Page) -> str:
        """The graph of an item's page."""
        return self._graph(self._item(said, page), page)

    def _graph(self, about: str, page: Page) -> str:
        return json_script(f'{{"@context": "{CONTEXT}", "@graph": [{about}{self._way(page)}]}}')

    def _way(self, page: Page) -> str:
        """The way from the home page, as the page shows it: one node more."""
        crumbs = tuple(page.context.get("crumbs") or ())
        if not crumbs:
            return ""
        if crumbs not in self._begun:
            self._begun[crumbs] = self._begin(crumbs)
        last = _step(len(crumbs) + 2, page.title, page.path, self._root)
        return f"{self._begun[crumbs]}, {last}]}}"

    def _begin(self, crumbs: tuple[Crumb, ...]) -> str:
        """The node without its last step and its end."""
        steps = [(self._site.t["home"], "index.html"), *crumbs]
        rows = [_step(number, name, path, self._root) for number, (name, path) in enumerate(steps, 1)]
        return f', {{"@type": "BreadcrumbList", "itemListElement": [{", ".join(rows)}'

    def _item(self, said: Gist, page: Page) -> str:
        """The item; of one whose text no longer goes out neither summary nor files. Written piece by piece, as `json` would."""
        site, root, text = self._site, self._root, json_string
        item, kind = said.item, kind_of(said.item)
        one, title, open_ = said.bearing, said.title, said.is_open
        url, numbers = text(said.url), (said.index_number, said.document_number, one.ident)
        about = item.text("summary") if open_ else ""
        keywords = item.texts("keywords") if open_ else ()
        more = _about(item, kind, page, site, root) if open_ else {}
        status = _STATUS.get(said.state, "Published")
        pieces = (
            f'{{"@type": "{kind}", "@id": {url}, "url": {url}, "identifier": [',
            ", ".join([text(number) for number in numbers if number]),
            f'], "name": {text(title)}',
            f', "headline": {text(title[:_HEADLINE])}' if kind.endswith("Article") else "",
            f', "description": {text(about)}' if about else "",
            f', "keywords": {json_plain(keywords)}' if keywords else "",
            f', "inLanguage": {text(item.text("language") or "zh-CN")}',
            f', "datePublished": "{one.published_on}"' if one.published_on else "",
            f', "dateModified": "{one.modified_on}"' if one.modified_on else "",
            f', "creativeWorkStatus": "{status}"',
            _whose(site, one.department, root),
            f", {json_plain(more)[1:-1]}" if more else "",
            _law(said, site) if kind == "Legislation" else "",
            "}",
        )
        return "".join(pieces)


@once
def _whose(site: Site, department: str, root: str) -> str:
    """Whose an item is."""
    node = {
        "author": _named(site.department(department)),
        "publisher": {
            "@id": f"{root}#organisation",
            **_named(site.words(site.portal.settings.organisation)),
        },
        "isPartOf": {"@id": f"{root}#website"},
    }
    return f", {json_plain(node)[1:-1]}"


def _step(number: int, name: str, path: str, root: str) -> str:
    where = json_string(address.absolute(root, path))
    return f'{{"@type": "ListItem", "position": {number}, "name": {json_string(name)}, "item": {where}}}'


def _overview(page: Page, site: Site, root: str) -> list[dict[str, Any]]:
    if page.kind == "home":
        return [organisation(site, root), _website(site, root), _catalogue(site, root)]
    url = address.absolute(root, page.path)
    parts = page.path.split("/")
    about: dict[str, Any] = {}
    if len(parts) == 3 and parts[0] == "departments":
        about = department(parts[1], site, root)
    kind = "CollectionPage" if page.kind in ("list", "columns", "sitemap", "data") else "WebPage"
    node = {"@type": kind, "@id": url, "url": url, "name": page.title, "isPartOf": {"@id": f"{root}#website"}}
    return [filled({**node, "inLanguage": _lang(site), "about": about})]


def organisation(site: Site, root: str) -> dict[str, Any]:
    """The body that publishes, with its office's contact (条例 第12条)."""
    settings = site.portal.settings
    given = settings.portal.get("contact")
    contact = given if isinstance(given, dict) else {}
    point = {
        "@type": "ContactPoint",
        "contactType": site.t["contact"],
        "name": _said(contact, "office", site),
        "telephone": _said(contact, "telephone", site),
        "faxNumber": _said(contact, "fax", site),
        "email": _said(contact, "email", site),
        "hoursAvailable": _said(contact, "office_hours", site),
    }
    return filled(
        {
            "@type": "GovernmentOrganization",
            "@id": f"{root}#organisation",
            "name": site.words(settings.organisation),
            "url": root,
            "identifier": str(settings.portal.get("organisation_code") or ""),
            "address": _said(contact, "address", site),
            "contactPoint": filled(point) if len(filled(point)) > 2 else {},
        }
    )


def department(code: str, site: Site, root: str) -> dict[str, Any]:
    """A department of the body."""
    known = site.portal.settings.departments.get(code)
    facts = known.facts if known else {}
    return filled(
        {
            "@type": "GovernmentOrganization",
            "@id": f"{address.absolute(root, address.department(code))}#department",
            "name": site.department(code),
            "description": _said(facts, "duties", site),
            "telephone": _said(facts, "telephone", site),
            "parentOrganization": {"@id": f"{root}#organisation"},
        }
    )


def _website(site: Site, root: str) -> dict[str, Any]:
    target = {"@type": "EntryPoint", "urlTemplate": f"{root}{well_known.SEARCH}?q={{search_term_string}}"}
    action = {
        "@type": "SearchAction",
        "target": target,
        "query-input": "required name=search_term_string",
    }
    return filled(
        {
            "@type": "WebSite",
            "@id": f"{root}#website",
            "url": root,
            "name": site.words(site.portal.settings.title),
            "description": str(frame(site)["description"]),
            "inLanguage": _lang(site),
            "publisher": {"@id": f"{root}#organisation"},
            "potentialAction": action if well_known.has_search(site, root) else None,
        }
    )


def _catalogue(site: Site, root: str) -> dict[str, Any]:
    return {
        "@type": "DataCatalog",
        "@id": f"{root}#catalogue",
        "name": site.words(site.portal.settings.title),
        "url": root + address.DATA,
        "publisher": {"@id": f"{root}#organisation"},
    }


def kind_of(item: Item) -> str:
    """The schema.org type of an item."""
    kind = item.type
    if item.text("kind") in _REPORTS:
        return "Report"
    if kind == "plan_statistics" and any(ending(a.file) in DATA for a in item.attachments):
        return "Dataset"
    return KINDS.get(kind, "DigitalDocument")


def _about(item: Item, kind: str, page: Page, site: Site, root: str) -> dict[str, Any]:
    """What the page is about, its files, and the documents that it explains."""
    made: dict[str, Any] = {}
    if page.context["attachments"]:
        url = address.absolute(root, item.address)
        made["distribution" if kind == "Dataset" else "encoding"] = [
            _file(file.url, file.title, file.media_type, file.size, file.digest, kind)
            for file in enclosures(item, page, site, url)
        ]
    named = item.texts("interprets") if "interprets" in item.fields else ()
    explained = [found for i in named if (found := site.by_id.get(i))]
    if explained:
        made["isBasedOn"] = [
            {"@id": address.absolute(root, other.address), "name": site.title_of(other)}
            for other in explained
        ]
    subject = _SUBJECTS.get(item.type)
    if subject:
        made["mainEntity"] = subject(item, site, root)
    return made


def _file(url: str, title: str, media_type: str, size: int, digest: str, kind: str) -> dict[str, Any]:
    types = {"Dataset": "DataDownload", "Legislation": "LegislationObject"}
    return filled(
        {
            "@type": types.get(kind, "MediaObject"),
            "name": title,
            "contentUrl": url,
            "encodingFormat": media_type,
            "contentSize": f"{size} B" if size else "",
            "sha256": digest,
        }
    )


def _service(item: Item, site: Site, root: str) -> dict[str, Any]:
    name = item.text("service_name") or item.title
    body = {"@id": f"{root}#organisation", **_named(site.words(site.portal.settings.organisation))}
    return {"@type": "GovernmentService", "name": name, "serviceOperator": body}


def _body(item: Item, site: Site, root: str) -> dict[str, Any]:
    return organisation(site, root)


_SUBJECTS: Mapping[str, Callable[[Item, Site, str], dict[str, Any]]] = {
    "service_guide": _service,
    "organisation": _body,
}


def _law(said: Gist, site: Site) -> str:
    """What schema.org says of legislation: number, dates, who passed it, whether it is in force today."""
    given, text = said.item.text, json_string
    number, day, start = said.document_number, given("document_date"), given("effective_from")
    return (
        (f', "legislationIdentifier": {text(number)}' if number else "")
        + (f', "legislationDate": {text(day)}' if day else "")
        + (f', "legislationDateOfApplicability": {text(start)}' if start else "")
        + _passed(site, said.item.texts("issuers"), said.bearing.type, given("genre"), said.validity)
    )


@once
def _passed(site: Site, issuers: tuple[str, ...], code: str, genre: str, validity: str) -> str:
    """Who passed a law, of what kind it is, whether it is in force: many are alike in that."""
    force = _FORCE.get(validity, "")
    node = {
        "legislationPassedBy": [_named(name) for name in issuers],
        "legislationType": label_of(site, code, "genre", genre),
        "legislationLegalForce": f"{CONTEXT}/{force}" if force else "",
    }
    found = {name: value for name, value in node.items() if value}
    return f", {json_plain(found)[1:-1]}" if found else ""


def _named(name: str) -> dict[str, str]:
    return {"@type": "GovernmentOrganization", "name": name}


def _said(facts: Mapping[str, Any], name: str, site: Site) -> str:
    found = words(facts.get(name))
    return site.words(found) if found else ""


def _lang(site: Site) -> str:
    return "zh-CN" if site.lang == "zh" else site.lang
