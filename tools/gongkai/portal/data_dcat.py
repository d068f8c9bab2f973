"""The data sets as `data.json` (DCAT-US 3.0) and as JSON-LD (DCAT 3, in the shape of DCAT-AP 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.data_sets import Contact, DataSet, Distribution, contact_of, data_sets
from gongkai.portal.feeds_json import filled
from gongkai.portal.frame import frame
from gongkai.report.escape import json_text

US, LINKED = "data.json", "catalogue.jsonld"
_US_SCHEMA = "https://resources.data.gov/dcat-us/3.0.0/"
_EU = "http://publications.europa.eu/resource/authority"
_LANGUAGES = {"zh": f"{_EU}/language/ZHO", "en": f"{_EU}/language/ENG"}
_CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def files(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """Both files; none when portal.yml gives neither an address nor a mail address, which both forms require."""
    contact = contact_of(catalogue.site)
    if contact is None or not catalogue.root:
        return
    sets = tuple(data_sets(catalogue))
    yield US, _written(us(catalogue, sets, contact))
    yield LINKED, _written(linked(catalogue, sets, contact))


def _written(data: Any) -> bytes:
    return (json_text(data, indent=1) + "\n").encode()


def us(catalogue: Catalogue, sets: tuple[DataSet, ...], contact: Contact) -> dict[str, Any]:
    """The catalogue as DCAT-US 3.0 writes it."""
    site, root = catalogue.site, catalogue.root
    kind = {"@type": "Kind", "fn": contact.name, "hasEmail": f"mailto:{contact.email}"}
    name = site.words(site.portal.settings.organisation)
    return filled(
        {
            "@id": root + US,
            "@type": "Catalog",
            "conformsTo": {"@type": "Standard", "title": "DCAT-US 3.0", "@id": _US_SCHEMA},
            "title": site.words(site.portal.settings.title),
            "description": str(frame(site)["description"]),
            "language": site.lang,
            "modified": catalogue.modified,
            "publisher": {"@type": "Agent", "name": name},
            "contactPoint": [kind],
            "homepage": {"@type": "Document", "title": site.t["home"], "accessURL": root},
            "dataset": [_us_set(one, kind, name) for one in sets],
        }
    )


def _us_set(one: DataSet, kind: Mapping[str, Any], organisation: str) -> dict[str, Any]:
    publisher: dict[str, Any] = {"@type": "Organization", "name": one.publisher or organisation}
    if publisher["name"] != organisation:
        publisher["subOrganizationOf"] = [{"@type": "Organization", "name": organisation}]
    return filled(
        {
            "@id": one.ident,
            "@type": "Dataset",
            "identifier": one.identifier,
            "title": one.title,
            "description": one.description,
            "publisher": publisher,
            "contactPoint": kind,
            "issued": one.issued,
            "modified": one.modified,
            "language": one.language,
            "keyword": list(one.keywords),
            "theme": [{"@type": "Concept", "prefLabel": theme} for theme in one.themes],
            "accessRights": "public",
            "accrualPeriodicity": "continual" if one.growing else "",
            "landingPage": {"@type": "Document", "title": one.title, "accessURL": one.page},
            "distribution": [_us_file(file) for file in one.files],
        }
    )


def _us_file(file: Distribution) -> dict[str, Any]:
    digest = (
        {"@type": "Checksum", "algorithm": "SHA-256", "checksumValue": file.digest} if file.digest else {}
    )
    described = {"@type": "Distribution", "downloadURL": file.described_by, "mediaType": file.described_as}
    return filled(
        {
            "@type": "Distribution",
            "title": file.title,
            "downloadURL": file.url,
            "mediaType": file.media_type,
            "byteSize": str(file.size) if file.size else "",
            "checksum": digest,
            "describedBy": described if file.described_by else {},
        }
    )


def linked(catalogue: Catalogue, sets: tuple[DataSet, ...], contact: Contact) -> dict[str, Any]:
    """The catalogue as linked data; harvesters of DCAT-AP know a data set by `dct:identifier`."""
    site, root = catalogue.site, catalogue.root
    name = site.words(site.portal.settings.organisation)
    body = {"@type": "foaf:Agent", "@id": f"{root}#organisation", "foaf:name": name}
    card = {
        "@type": "vcard:Kind",
        "vcard:fn": contact.name,
        "vcard:hasEmail": {"@id": f"mailto:{contact.email}"},
    }
    return {
        "@context": _CONTEXT,
        **filled(
            {
                "@id": f"{root}#catalogue",
                "@type": "dcat:Catalog",
                "dct:title": _words(site.words(site.portal.settings.title), site.lang),
                "dct:description": _words(str(frame(site)["description"]) or name, site.lang),
                "dct:publisher": body,
                "dct:modified": _date(catalogue.modified),
                "dct:language": {"@id": _LANGUAGES.get(site.lang, _LANGUAGES["zh"])},
                "foaf:homepage": {"@id": root},
                "dcat:contactPoint": card,
                "dcat:dataset": [_set(one, card, f"{root}#organisation") for one in sets],
            }
        ),
    }


def _set(one: DataSet, card: Mapping[str, Any], body: str) -> dict[str, Any]:
    return filled(
        {
            "@id": one.ident,
            "@type": "dcat:Dataset",
            "dct:identifier": one.identifier,
            "dct:title": _words(one.title, one.language),
            "dct:description": _words(one.description, one.language),
            "dct:publisher": {"@id": body},
            "dct:creator": {"@type": "foaf:Agent", "foaf:name": one.publisher} if one.publisher else {},
            "dct:issued": _date(one.issued),
            "dct:modified": _date(one.modified),
            "dct:language": {"@id": _LANGUAGES.get(one.language, _LANGUAGES["zh"])},
            "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
            "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/CONT"} if one.growing else {},
            "dcat:contactPoint": card,
            "dcat:keyword": [_words(keyword, one.language) for keyword in one.keywords],
            "dcat:landingPage": {"@id": one.page},
            "dcat:distribution": [_file(file) for file in one.files],
        }
    )


def _file(file: Distribution) -> dict[str, Any]:
    checksum = {
        "@type": "spdx:Checksum",
        "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
        "spdx:checksumValue": {"@value": file.digest, "@type": "xsd:hexBinary"},
    }
    return filled(
        {
            "@type": "dcat:Distribution",
            "dct:title": file.title,
            "dcat:accessURL": {"@id": file.url},
            "dcat:downloadURL": {"@id": file.url},
            "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{file.media_type}"},
            "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:nonNegativeInteger"}
            if file.size
            else {},
            "spdx:checksum": checksum if file.digest else {},
        }
    )


def _words(text: str, language: str) -> dict[str, str]:
    return {"@value": text, "@language": language}


def _date(text: str) -> dict[str, str]:
    kind = "xsd:dateTime" if "T" in text else "xsd:date"
    return {"@value": text, "@type": kind} if text else {}
