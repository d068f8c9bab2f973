"""The portal's own words: what stands on every page besides the items."""

from __future__ import annotations

from collections.abc import Mapping

from gongkai.model.message import N_, Message, Say

LABELS = {
    "home": N_("Home"),
    "columns": N_("Columns"),
    "departments": N_("Departments"),
    "years": N_("By year"),
    "site_map": N_("Site map"),
    "about": N_("About"),
    "all": N_("All"),
    "newest": N_("Newest"),
    "nothing_yet": N_("Nothing has been published here yet."),
    "attachments": N_("Attachments"),
    "digest": N_("SHA-256"),
    "contact": N_("Contact"),
    "responsible": N_("Responsible department"),
    "details": N_("Details"),
    "index_number": N_("Index number"),
    "publisher": N_("Publisher"),
    "issuers": N_("Issued by"),
    "document_date": N_("Document date"),
    "published": N_("Published"),
    "document_number": N_("Document number"),
    "validity": N_("Validity"),
    "topics": N_("Topics"),
    "openness": N_("Openness"),
    "kind": N_("Kind"),
    "effective_from": N_("In force from"),
    "effective_to": N_("In force until"),
    "source": N_("Source"),
    "keywords": N_("Keywords"),
    "id": N_("Item"),
    "not_published": N_("Not published (preview)"),
    "name": N_("Contact person"),
    "office": N_("Contact office"),
    "table": N_("Table"),
    "telephone": N_("Telephone"),
    "email": N_("E-mail"),
    "address": N_("Address"),
    "office_hours": N_("Office hours"),
    "reason": N_("Reason"),
    "explanation": N_("Explanation"),
    "replaced_by": N_("Replaced by"),
    "replaces": N_("Replaces"),
    "interpretations": N_("Readings of this document"),
    "interprets": N_("The document explained here"),
    "list_gone": N_(
        "The period has ended; the list of names is no longer shown. The rest is kept for the record."
    ),
    "legacy": N_("Taken over from the earlier portal; its date and index number are those recorded there."),
    "old_address": N_("Earlier address"),
    "previous": N_("Previous page"),
    "next": N_("Next page"),
    "pages": N_("Pages"),
    "filter_year": N_("Choose a year"),
    "sponsor": N_("Sponsor"),
    "site_id_code": N_("Site identification code"),
    "you_are_here": N_("You are here"),
    "footer": N_("About this site"),
    "not_found": N_("This page does not exist"),
    "not_found_help": N_(
        "The address may be mistyped, or the page has moved. These lists lead to everything published here:"
    ),
    "light": N_("Switch to the light view"),
    "dark": N_("Switch to the dark view"),
    "back": N_("Back to the text"),
    "yes": N_("Yes"),
    "no": N_("No"),
    "duties": N_("Duties"),
    "document": N_("Document information"),
    "related": N_("Related"),
}


def labels(say: Say) -> Mapping[str, str]:
    """The words by key, in the portal's language."""
    return {key: say(Message(text)) for key, text in LABELS.items()}
