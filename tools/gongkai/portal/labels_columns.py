"""The words of the platform, of the body's fixed pages, of topics, old addresses and withdrawals."""

from __future__ import annotations

from gongkai.model.message import N_

COLUMNS = {
    "platform": N_("Public information"),
    "platform_lead": N_(
        "Everything that the law wants public, in the five parts that are prescribed for every body."
    ),
    "part_guide": N_("How to find what is public, and how to ask for what is not."),
    "part_rules": N_("By which rules this body makes information public."),
    "part_content": N_("What this body publishes of its own accord, by subject."),
    "part_reports": N_("How many requests came, how they were answered, what is to become better."),
    "part_requests": N_("Whoever needs information that is not published here may ask for it."),
    "part_empty": N_("Nothing stands here yet. The office will tell you what you want to know:"),
    "part_all": N_("Everything in this part"),
    "part_request": N_("How to ask"),
    "part_not_required": N_("This body has no such part:"),
    "organisation": N_("About the body"),
    "organisation_lead": N_("What it does, who leads it, which departments it has, and how to reach it."),
    "leaders": N_("Leaders"),
    "inner_departments": N_("Inner departments"),
    "reach": N_("How to reach it"),
    "other_bodies": N_("More about the body"),
    "older_versions": N_("All versions and changes"),
    "services": N_("Services"),
    "services_lead": N_(
        "What can be done here: what to bring, how long it takes, what it costs, whom to ask."
    ),
    "services_forms": N_("Forms to download"),
    "glance": N_("At a glance"),
    "topic_list": N_("Topics"),
    "filter_department": N_("Choose a department"),
    "moved": N_("This page has moved"),
    "moved_says": N_("It is now here:"),
    "withdrawn_on": N_("Withdrawn on"),
    "withdrawn_by": N_("Decided by"),
    "withdrawn_lapse": N_("Nobody in person: the second review that was owed was not done in time"),
}
