"""依申请公开: how to ask for what is not published, with a form that can be printed (政府信息公开条例 第27–44条)."""

from __future__ import annotations

from gongkai.model.message import fill
from gongkai.portal import address
from gongkai.portal.frame import contact, mail
from gongkai.portal.page import Page
from gongkai.portal.site import Site

FORMS = "site_config/pages/"
"""Where the portal's own form stands; MkDocs carries it over with the authored pages."""


def page(site: Site) -> Page:
    """The page. It depends on the settings alone."""
    ways = contact(site)
    given = site.portal.settings.portal.get("requests")
    own = given if isinstance(given, dict) else {}
    form = str(own.get("form") or "")
    ask = {
        **ways,
        "online": own.get("online") or "",
        "form": form,
        "form_kind": form.rpartition(".")[2].upper(),
        "mail": mail(ways["email"], site.t["requests_subject"]) if "email" in ways else "",
        "telephone_says": fill(site.t["by_telephone_says"], {"telephone": ways.get("telephone", "")}),
    }
    return Page(address.REQUESTS, "gongkai/requests.html", site.t["requests"], {"ask": ask})
