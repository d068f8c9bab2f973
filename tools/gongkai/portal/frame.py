"""What stands around every page: the portal's names, its footer, its short navigation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from gongkai.model.settings import words
from gongkai.portal.page import Page
from gongkai.portal.site import Site
from gongkai.portal.theme import chosen

CONTACT = ("office", "telephone", "fax", "email", "address", "postcode", "office_hours")
_ASCII = re.compile(r"[\x00-\x7f]+")
_PLAIN = re.compile(r"[\w.~:/-]*", re.ASCII)
"""Most addresses: nothing in them but colons and slashes is written otherwise."""
_LINE = "%0D%0A"
_CODES = {number: quote(chr(number), "") for number in range(128)}
IN_FOOT = ("office", "telephone", "email", "address")
"""What every page's foot holds; the page on asking for information has all of it."""
RECORDS = {"icp": "https://beian.miit.gov.cn/", "police_record": "https://beian.mps.gov.cn/"}
"""Where the two records are looked up; sites have to link there (非经营性互联网信息服务备案管理办法 第13条)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the foot: what it is, what it says, and where a press on it leads (may be empty)."""

    label: str
    value: str
    href: str = ""


def frame(site: Site) -> dict[str, Any]:
    """The words of the head and the foot: 主办单位, 联系方式, 网站标识码, 备案号 (国办发〔2017〕47号)."""
    settings = site.portal.settings
    data = settings.portal
    description = words(data.get("description"))
    theme = chosen(site)
    return {
        "title": site.words(settings.title),
        "organisation": site.words(settings.organisation),
        "description": site.words(description) if description else "",
        "domain": urlsplit(_text(data, "url")).netloc,
        "site_id_code": _text(data, "site_id_code"),
        "sponsor": site.words(words(data.get("sponsor")) or settings.organisation),
        "contact": list(_contact(site)),
        "records": list(_records(site)),
        "colon": "：" if site.lang == "zh" else ": ",
        "html_lang": "zh-CN" if site.lang == "zh" else site.lang,
        "banner": _text(theme, "banner"),
        "indent": theme.get("indent") is True,
        "search": settings.has_search,
    }


def contact(site: Site) -> dict[str, str]:
    """How the office that answers the public is reached, in the portal's language (政府信息公开条例 第12条)."""
    given = site.portal.settings.portal.get("contact")
    found = {name: words(given.get(name)) for name in CONTACT} if isinstance(given, dict) else {}
    return {name: site.words(value) for name, value in found.items() if value}


def _contact(site: Site) -> Iterator[Fact]:
    ways = {"telephone": "tel:", "email": "mailto:"}
    for name, value in contact(site).items():
        if name not in IN_FOOT:
            continue
        yield Fact(site.t[name], value, ways[name] + value if name in ways else "")


def _records(site: Site) -> Iterator[Fact]:
    """网站标识码, ICP备案号, 公安备案号: the last two carry their own name in their text."""
    data = site.portal.settings.portal
    code = _text(data, "site_id_code")
    if code:
        yield Fact(site.t["site_id_code"], code)
    for name, href in RECORDS.items():
        if _text(data, name):
            yield Fact("" if site.lang == "zh" else site.t[name], _text(data, name), href)


class Reports:
    """Where a press on “Report an error” leads: the portal's own form, or a mail with its subject written (找错)."""

    def __init__(self, site: Site) -> None:
        self._own = _text(site.portal.settings.portal, "error_report")
        self._email = contact(site).get("email", "")
        self._subject = [_coded(part) for part in site.t["report_subject"].split("{title}")]
        self._title = site.words(site.portal.settings.title)

    def of(self, title: str, address: str) -> str:
        """The address for the page of this title; empty when portal.yml names neither form nor mail."""
        if self._own or not self._email:
            return self._own
        subject = _coded(title or self._title).join(self._subject)
        return _mail(self._email, subject, f"{_body(address)}{_LINE}{_LINE}" if address else "")


def mail(to: str, subject: str, body: str = "") -> str:
    """A mailto address with subject and text (RFC 6068). Chinese stays as it is: browsers encode it, and it is a third as long."""
    return _mail(to, _coded(subject), _body(body))


def _mail(to: str, subject: str, body: str) -> str:
    """The same, of texts as an address has them."""
    between = "&" if subject and body else ""
    return f"mailto:{_quoted(to)}?{subject and f'subject={subject}'}{between}{body and f'body={body}'}"


def _body(text: str) -> str:
    return _LINE.join(map(_coded, text.split("\n"))) if "\n" in text else _coded(text)


def _coded(text: str) -> str:
    """The text with its ASCII signs as an address has them."""
    if _PLAIN.fullmatch(text):
        return text.replace(":", "%3A").replace("/", "%2F")
    return _ASCII.sub(lambda m: m[0].translate(_CODES), text)


@cache
def _quoted(to: str) -> str:
    """An address of mail: the same on every page."""
    return quote(to, safe="@")


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
