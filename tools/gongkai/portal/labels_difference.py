"""The words of the page that shows what a change took out and put in."""

from __future__ import annotations

from gongkai.model.message import N_

DIFFERENCE = {
    "difference": N_("Difference from the version before"),
    "difference_link": N_("Compare with the version before"),
    "difference_lead": N_(
        "What the last change took out is struck through, what it put in is underlined. Everything in force today stands "
        "on the page of the document; the version before is shown here only to be compared."
    ),
    "difference_versions": N_("The two versions"),
    "difference_before": N_("Earlier version published"),
    "difference_after": N_("Present version published"),
    "difference_note": N_("About this comparison"),
    "difference_fields": N_("Document information"),
    "difference_text": N_("Text"),
    "difference_files": N_("Pictures and the content of attachments are not compared."),
    "difference_left": N_("{count} paragraphs unchanged"),
    "difference_same": N_("Unchanged"),
    "difference_changed": N_("Changed"),
    "difference_added": N_("Added"),
    "difference_deleted": N_("Deleted"),
    "difference_out": N_("taken out:"),
    "difference_out_end": N_("(end of what was taken out)"),
    "difference_in": N_("put in:"),
    "difference_in_end": N_("(end of what was put in)"),
}
