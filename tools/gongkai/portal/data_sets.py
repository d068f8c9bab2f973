"""What is a data set here: the catalogue itself, and every item with a file that a program can compute with.

News and notices are no data sets; they are rows of the catalogue. From one list both `data.json` (DCAT-US 3) and the
JSON-LD (DCAT 3, as DCAT-AP writes it) are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.model.item import Item
from gongkai.model.settings import words
from gongkai.portal import address, data_dates
from gongkai.portal.attachments import attached
from gongkai.portal.data_catalogue import CSVW, SCHEMA, Catalogue
from gongkai.portal.data_words import say
from gongkai.portal.feeds_entry import enclosures, tag_uri
from gongkai.portal.lines import CSV, JSON
from gongkai.portal.media import DATA, ending
from gongkai.portal.page import Page
from gongkai.portal.references import ItemLinks
from gongkai.portal.site import Site, department_of


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file of a data set; `described_by` and `described_as` are address and media type of what explains its fields."""

    url: str
    title: str
    media_type: str
    size: int = 0
    digest: str = ""
    described_by: str = ""
    described_as: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set. `ident` is a URI that never changes, `identifier` the item's id."""

    ident: str
    identifier: str
    title: str
    description: str
    page: str
    issued: str
    modified: str
    language: str
    publisher: str
    keywords: tuple[str, ...]
    themes: tuple[str, ...]
    files: tuple[Distribution, ...]
    growing: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers questions about the data: the office of portal.yml, by mail."""

    name: str
    email: str


def contact_of(site: Site) -> Contact | None:
    """The office's contact; None when portal.yml gives no mail address: both vocabularies require one."""
    given = site.portal.settings.portal.get("contact")
    facts = given if isinstance(given, dict) else {}
    email = facts.get("email")
    name = words(facts.get("office")) or site.portal.settings.organisation
    return Contact(site.words(name), email) if isinstance(email, str) and "@" in email else None


def with_data(catalogue: Catalogue) -> Iterator[Item]:
    """The items with a file that may be data, newest first: from nothing else data sets are made."""
    for item in catalogue.items:
        if "attachments" in item.fields and any(ending(a.file) in DATA for a in item.attachments):
            yield item


def data_sets(catalogue: Catalogue) -> Iterator[DataSet]:
    """The catalogue first, then the items, newest first."""
    yield _whole(catalogue)
    made = (_of_item(item, catalogue) for item in with_data(catalogue) if catalogue.is_open(item))
    yield from (found for found in made if found.files)


def _whole(catalogue: Catalogue) -> DataSet:
    site, root = catalogue.site, catalogue.root
    settings = site.portal.settings
    return DataSet(
        ident=f"{root}{JSON}",
        identifier="catalogue",
        title=f"{say(site, 'catalogue')} - {site.words(settings.title)}",
        description=say(site, "about_catalogue"),
        page=root + address.DATA,
        issued="",
        modified=catalogue.modified,
        language=site.lang,
        publisher=site.words(settings.organisation),
        keywords=(site.words(settings.organisation), say(site, "catalogue")),
        themes=(),
        files=(
            _table(CSV, "catalogue_csv", "text/csv", CSVW, "application/csvm+json", catalogue),
            _table(JSON, "catalogue_json", "application/json", SCHEMA, "application/schema+json", catalogue),
        ),
        growing=True,
    )


def _table(path: str, key: str, kind: str, by: str, as_: str, catalogue: Catalogue) -> Distribution:
    root = catalogue.root
    return Distribution(root + path, say(catalogue.site, key), kind, described_by=root + by, described_as=as_)


def _of_item(item: Item, catalogue: Catalogue) -> DataSet:
    site, root = catalogue.site, catalogue.root
    offered = Page(item.address, "", "", {"attachments": attached(item, site, ItemLinks(site, item))})
    portal, url = site.portal, address.absolute(root, item.address)
    known = portal.settings.topics
    return DataSet(
        ident=tag_uri(item, site),
        identifier=item.id,
        title=item.title,
        description=item.text("summary") or item.title,
        page=url,
        issued=data_dates.iso(data_dates.published(item, portal)),
        modified=data_dates.iso(data_dates.modified(item, portal)),
        language=(item.text("language") or "zh").partition("-")[0],
        publisher=site.department(department_of(item)),
        keywords=tuple(dict.fromkeys((*item.texts("keywords"), site.column(portal.column_of(item))))),
        themes=tuple(site.words(known[t]) for t in item.texts("topics") if t in known),
        files=tuple(
            Distribution(f.url, f.title, f.media_type, f.size, f.digest)
            for f in enclosures(item, offered, site, url)
            if ending(f.url) in DATA
        ),
    )
