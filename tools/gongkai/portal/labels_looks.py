"""The portal's words around the texts: head and foot, the home page, what one can do with a page, asking for information."""

from __future__ import annotations

from gongkai.model.message import N_

LOOKS = {
    "skip": N_("Skip to the text"),
    "menu": N_("Menu"),
    "main_menu": N_("Main menu"),
    "in_this_part": N_("In this part"),
    "contents": N_("Contents"),
    "view": N_("Reading aids"),
    "text_size": N_("Size of the text"),
    "smaller": N_("Smaller"),
    "larger": N_("Larger"),
    "colours": N_("Colours"),
    "as_device": N_("As the device"),
    "light_view": N_("Light"),
    "dark_view": N_("Dark"),
    "contrast_view": N_("High contrast"),
    "table_region": N_("Table, can be scrolled sideways"),
    "tools": N_("What you can do with this page"),
    "copy_link": N_("Copy the link"),
    "copied": N_("The link has been copied."),
    "not_copied": N_("The link could not be copied. Copy it from the address bar."),
    "print": N_("Print"),
    "share": N_("Share"),
    "report_error": N_("Report an error"),
    "report_subject": N_("An error on the website: {title}"),
    "download_all": N_("Download all attachments"),
    "newer": N_("Newer in this column"),
    "older": N_("Older in this column"),
    "neighbours": N_("Before and after in this column"),
    "changed_on": N_("Last changed"),
    "what_changed": N_("What changed"),
    "page_address": N_("Address of this page"),
    "due": N_("Open for your answer"),
    "closes_on": N_("until {date}"),
    "entrances": N_("Quick entrances"),
    "numbers": N_("In numbers"),
    "published_in": N_("published in {year}"),
    "published_ever": N_("published in all"),
    "in_force": N_("policy documents in force"),
    "rounds_in": N_("consultations held in {year}"),
    "fax": N_("Fax"),
    "postcode": N_("Postcode"),
    "icp": N_("ICP record"),
    "police_record": N_("Public security record"),
    "requests": N_("Ask for information"),
    "requests_lead": N_(
        "What cannot be found here may be asked for. Look first whether it has been published: that is the quickest."
    ),
    "requests_who": N_("Who may ask"),
    "requests_who_says": N_(
        "Every citizen, legal person and other organisation. No reason has to be given, and nothing is charged for asking."
    ),
    "requests_how": N_("How to ask"),
    "requests_how_lead": N_(
        "Fill in the form and send it in one of these ways. Whoever cannot write may ask by word of mouth at the office, "
        "which fills in the form."
    ),
    "by_online": N_("Online"),
    "by_online_says": N_("Fill in the form on the internet"),
    "by_mail": N_("By letter"),
    "by_mail_says": N_("Write “Request for government information” on the envelope."),
    "by_email": N_("By e-mail"),
    "by_email_says": N_("Attach the form. The office confirms that it has arrived."),
    "by_fax": N_("By fax"),
    "in_person": N_("In person"),
    "by_telephone_says": N_("Questions about asking are answered by telephone: {telephone}."),
    "requests_form": N_("The form"),
    "requests_form_file": N_("Download the form"),
    "requests_form_here": N_("It stands below and can be printed."),
    "requests_print": N_("Print the form"),
    "requests_needs": N_("What must be in it"),
    "requests_needs_name": N_("your name, a proof of who you are, and how to reach you;"),
    "requests_needs_what": N_(
        "what information you want: its name, number, or other signs by which it can be found;"
    ),
    "requests_needs_form": N_("in what form you want it, and how you want to get it."),
    "requests_when": N_("When the answer comes"),
    "requests_at_once": N_("At once where that is possible."),
    "requests_20": N_(
        "Otherwise within 20 working days of its arrival. With the consent of the office's head it may take up to 20 working "
        "days more; you are told."
    ),
    "requests_7": N_(
        "If it is not clear what you ask for, you are told once, within 7 working days, what to add. The time then begins "
        "anew when your addition arrives."
    ),
    "requests_third": N_(
        "The time in which others who are concerned are asked for their opinion does not count."
    ),
    "requests_fees": N_("What it costs"),
    "requests_fees_says": N_(
        "Nothing. Only for a number or frequency of requests that is clearly unreasonable may a fee for handling be charged."
    ),
    "requests_appeal": N_("If you are not content"),
    "requests_appeal_says": N_(
        "Complain to the body above ours or to the authority for government information, or apply for administrative "
        "reconsideration or go to court."
    ),
    "requests_law": N_("Regulation on the Disclosure of Government Information, articles 27 to 44, 51"),
    "requests_subject": N_("Request for government information"),
    "form_title": N_("Request for government information"),
    "form_citizen": N_("Citizen"),
    "form_organisation": N_("Legal person or other organisation"),
    "form_name": N_("Name"),
    "form_proof": N_("Document and number"),
    "form_org_name": N_("Name of the organisation"),
    "form_org_code": N_("Unified social credit code"),
    "form_org_head": N_("Legal representative"),
    "form_org_contact": N_("Contact person"),
    "form_reach": N_("How to reach you"),
    "form_what": N_("The information wanted (name, number, or other description)"),
    "form_how": N_("Wanted as"),
    "form_how_choices": N_("☐ paper ☐ electronic file ☐ other: "),
    "form_get": N_("To be had by"),
    "form_get_choices": N_("☐ post ☐ e-mail ☐ fax ☐ picked up in person ☐ read on the spot"),
    "form_sign": N_("Signature or seal"),
    "form_day": N_("Date"),
}
"""By the same keys as `labels.LABELS`; the Regulation's articles 29 to 33 and 42 stand behind the words on asking."""
