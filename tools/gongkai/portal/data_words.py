"""The portal's words about feeds and data: on the page that lists them, and inside them."""

from __future__ import annotations

from collections.abc import Mapping

from gongkai.model.message import N_, Message
from gongkai.portal.site import Site

WORDS = {
    "data": N_("Data and subscriptions"),
    "lead": N_(
        "Everything published here can be followed and fetched by programs. All of it is free, and no account is needed."
    ),
    "follow": N_("Follow what is new"),
    "follow_lead": N_(
        "Copy an address into a feed reader: it shows every new, changed or withdrawn item by itself. "
        "Atom, RSS and JSON hold the same; take what your reader knows."
    ),
    "whole": N_("The whole portal"),
    "calendar": N_("Closing dates as a calendar"),
    "calendar_lead": N_(
        "Open consultations and public notices with their last day, for the calendar of a phone or a computer."
    ),
    "closes": N_("Closes: {title}"),
    "catalogue": N_("The whole catalogue"),
    "catalogue_lead": N_("Every published item with its number, dates, department, validity and address."),
    "catalogue_csv": N_("Table (CSV, opens in Excel and WPS)"),
    "catalogue_json": N_("Data (JSON)"),
    "catalogue_schema": N_("What the fields mean (JSON Schema)"),
    "catalogue_csvw": N_("What the columns of the table mean (CSVW)"),
    "each": N_("Each item as data"),
    "each_lead": N_(
        "The data of an item stands beside its page: put json in the place of html at the end of the address. "
        "Information that was withdrawn, has ended or is no longer in force gives its standing there, and no text."
    ),
    "each_schema": N_("What the fields of an item mean (JSON Schema)"),
    "harvest": N_("For other catalogues and search engines"),
    "dcat_us": N_("Catalogue of data (DCAT-US 3)"),
    "dcat_ap": N_("Catalogue of data (DCAT, JSON-LD)"),
    "sitemap": N_("Addresses for search engines (sitemap)"),
    "opensearch": N_("Search of this portal for browsers (OpenSearch)"),
    "item_json": N_("This information as data (JSON)"),
    "removed_entry": N_("What stood here was removed. Please delete any copy of it."),
    "list_entry": N_("The list stands on its page only, until {date}."),
    "about_item": N_("An item of disclosed information as data, beside its page."),
    "about_catalogue": N_("All items of disclosed information that this portal publishes, one row each."),
}


def words(site: Site) -> Mapping[str, str]:
    """The words by key, in the portal's language."""
    return {key: site.say(Message(text)) for key, text in WORDS.items()}


def say(site: Site, key: str, **holes: str) -> str:
    """One of the words with its holes filled."""
    return site.say(Message(WORDS[key], holes))
