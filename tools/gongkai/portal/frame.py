"""What stands around every page: the portal's names, its footer, its short navigation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from gongkai.model.settings import words
from gongkai.portal.page import Page
from gongkai.portal.site import Site

CONTACT = ("office", "telephone", "email", "address", "office_hours")


def frame(site: Site) -> dict[str, Any]:
    """The words of the head and the foot: 主办单位, 联系方式, 网站标识码, 备案号 (国办发〔2017〕47号)."""
    settings = site.portal.settings
    data = settings.portal
    description = words(data.get("description"))
    return {
        "title": site.words(settings.title),
        "description": site.words(description) if description else "",
        "domain": urlsplit(_text(data, "url")).netloc,
        "site_id_code": _text(data, "site_id_code"),
        "sponsor": site.words(words(data.get("sponsor")) or settings.organisation),
        "contact": list(_contact(site)),
        "records": list(_records(site)),
        "colon": "：" if site.lang == "zh" else ": ",
    }


def _contact(site: Site) -> Iterator[tuple[str, str]]:
    contact = site.portal.settings.portal.get("contact")
    given = contact if isinstance(contact, dict) else {}
    for name in CONTACT:
        value = words(given.get(name))
        if value:
            yield site.t[name], site.words(value)


def _records(site: Site) -> Iterator[str]:
    data = site.portal.settings.portal
    code = _text(data, "site_id_code")
    if code:
        colon = "：" if site.lang == "zh" else ": "
        yield f"{site.t['site_id_code']}{colon}{code}"
    yield from (value for name in ("icp", "police_record") if (value := _text(data, name)))


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def navigation(site: Site, pages: Sequence[Page], authored: Sequence[str]) -> list[Any]:
    """MkDocs' `nav`: the overviews, then the authored pages under one heading. Items never stand in it."""
    nav: list[Any] = [
        {site.t["home"] if page.path == "index.html" else page.title: source(page)}
        for page in pages
        if page.in_nav
    ]
    return [*nav, {site.t["about"]: list(authored)}] if authored else nav


def source(page: Page) -> str:
    """The name under which MkDocs knows a page."""
    return f"{page.path.removesuffix('.html')}.md"
