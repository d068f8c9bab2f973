"""What a host's name tells: a number, an inner network, an imitation; and which hosts the portal stands by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from gongkai.model.lazily import lazily

WITHOUT_SETTING = ("gov.cn",)
"""Without `links` in portal.yml, hosts below these go unmentioned: one city's rule allows no others at all."""
_INNER = (".local", ".lan", ".internal", ".intranet", ".localdomain", ".home", ".corp")
_NUMBER = lazily(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}\.?\Z", re.ASCII)
_FINE = lazily(r"[a-z0-9.\-㐀-䶿一-鿿]+")


def policy(portal: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What to do about hosts not on the list ("warn", "allow", "refuse"), and the list."""
    links = portal.get("links")
    if not isinstance(links, dict):
        return "warn", WITHOUT_SETTING
    hosts = links.get("allowed_hosts")
    allowed = tuple(h.lower() for h in hosts if isinstance(h, str)) if isinstance(hosts, list) else ()
    external = links.get("external")
    return (external if external in ("allow", "refuse") else "warn"), allowed


def is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a host is one of the list, or stands below one."""
    return any(host == name or host.endswith(f".{name}") for name in allowed)


def number_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is, in whatever way it is written (0x7f.1, 2130706433); None for a name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    if not _NUMBER.match(host):
        return None
    import socket  # for the oldest spellings of numbers only

    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def is_private(host: str) -> bool:
    """Whether only an inner network knows this host."""
    number = number_of(host)
    if number is not None:
        return not number.is_global
    name = host.rstrip(".")
    return "." not in name or name.endswith(_INNER)


def is_numeric(host: str) -> bool:
    """Whether the host is a bare number instead of a name."""
    return number_of(host) is not None


def is_odd(host: str) -> bool:
    """Whether a name holds letters other than Latin and Chinese ones, also in its coded form (xn--…)."""
    return _FINE.fullmatch(_decoded(host)) is None


def _decoded(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except (UnicodeError, ValueError):
        return "?"
