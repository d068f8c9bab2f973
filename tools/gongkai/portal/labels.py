"""The portal's own words: what stands on every page besides the items."""

from __future__ import annotations

from collections.abc import Mapping

from gongkai.model.message import N_, Message, Say
from gongkai.portal.labels_columns import COLUMNS
from gongkai.portal.labels_difference import DIFFERENCE
from gongkai.portal.labels_looks import LOOKS

LABELS = {
    "home": N_("Home"),
    "columns": N_("Columns"),
    "departments": N_("Departments"),
    "years": N_("By year"),
    "site_map": N_("Site map"),
    "about": N_("About"),
    "all": N_("All"),
    "data": N_("Data and subscriptions"),
    "column": N_("Column"),
    "year": N_("Year"),
    "search": N_("Search"),
    "search_label": N_("Search for a title, a number, or any words of a document"),
    "search_help": N_(
        "A part of the title is enough. Document numbers are found with any brackets, and by year and serial alone."
    ),
    "search_found": N_("{count} results"),
    "search_nothing": N_("Nothing was found. Try fewer or other words, or take a filter away."),
    "search_broken": N_(
        "The search could not be loaded. Check the connection and try again, or use the lists."
    ),
    "search_noscript": N_("Searching needs JavaScript. Everything can also be found through these lists:"),
    "sort": N_("Order"),
    "sort_best": N_("Best match first"),
    "sort_date": N_("Newest first"),
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
    "back": N_("Back to the text"),
    "yes": N_("Yes"),
    "no": N_("No"),
    "duties": N_("Duties"),
    "document": N_("Document information"),
    "related": N_("Related"),
    "evidence": N_("How this was reviewed and published"),
    "evidence_link": N_("Who handed it in, who approved it, when it was published"),
    "evidence_lead": N_(
        "Nothing goes out here before it was reviewed. This is the record of this information, as the ledger of this "
        "portal holds it. Entries are only ever added; an entry that was changed later would be noticed."
    ),
    "evidence_steps": N_("What happened"),
    "evidence_data": N_("To compare: numbers of the ledger and digests"),
    "evidence_more": N_(
        "Digests are those of the version shown today, and only of files that can be seen here."
    ),
    "evidence_check": N_("How to check this"),
    "evidence_json": N_("This record as data (JSON)"),
    "evidence_files": N_("Files of this version"),
    "check_files": N_(
        "Anybody: compute the SHA-256 of an attachment you downloaded and compare it with the one given here."
    ),
    "check_kept": N_(
        "Anybody: keep this page or the data. The numbers of entries and their marks never change; only new ones follow."
    ),
    "check_clone": N_(
        "Whoever holds a copy of the repository (auditors, supervising bodies): the first command prints this record, "
        "the second verifies every signature, every approval and every file again."
    ),
    "ledger_number": N_("Entry"),
    "ledger_mark": N_("Mark in the ledger"),
    "content_digest": N_("Digest of the content"),
    "rules_version": N_("Rules"),
    "key": N_("Key"),
    "returned_reason": N_("Reason"),
    "received": N_("Handed in"),
    "accepted": N_("Accepted"),
    "last_change": N_("Last change published"),
    "removed": N_("Removed information"),
    "removed_says": N_(
        "What stood here was removed. Neither its text nor its files are kept on this portal."
    ),
    "removed_on": N_("Removed on"),
    "removed_why": N_("Reason"),
    "removed_ground": N_("Ground"),
    "removed_by": N_("Decided by"),
    "removed_accepted": N_("Decided on"),
    "checkpoints": N_("Checkpoints of the ledger"),
    "checkpoints_lead": N_(
        "Everything that happens here is entered in a ledger. A checkpoint says what the ledger was at one moment. "
        "Keep one, and you can tell later whether the record was rewritten."
    ),
    "checkpoints_age": N_(
        "A new one appears at least every {days} days; if the newest is older, ask the portal's office why."
    ),
    "checkpoints_check": N_(
        "Whoever holds a copy of the repository compares a kept file with the ledger of today:"
    ),
    "checkpoints_json": N_("All checkpoints as data (JSON)"),
    "checkpoint_time": N_("Time"),
    "checkpoint_events": N_("Entries"),
    "checkpoint_mark": N_("Last mark in the ledger"),
    "checkpoint_signed": N_("Countersigned by the publisher"),
    "genesis": N_("Beginning of the ledger"),
}


def labels(say: Say) -> Mapping[str, str]:
    """The words by key, in the portal's language."""
    return {key: say(Message(text)) for key, text in (LABELS | LOOKS | COLUMNS | DIFFERENCE).items()}
