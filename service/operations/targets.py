"""Where events may be sent: which URLs, and which addresses behind their hosts.

A URL comes from a person, and the service stands where that person may not: so only public addresses are reached, and
those that the operator has listed. Everything here is judged without asking anybody; who resolves a host's name asks
`may_reach` of every address found.
Source: docs/operations.md, "Events out".
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2_000
PORTS = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1024
"""Ports below belong to other services, but for those two."""
UNICAST = ip_network("2000::/3")
REFUSED: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # between protocols
            "192.88.99.0/24",  # relays of 6to4
            "168.63.129.16/32",  # the metadata of one cloud, public in form only
            "2001::/23",  # Teredo and others that hide an address in an address
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)
"""Addresses that no receiver has, though they look public."""

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


class Target(NamedTuple):
    """A URL that may be sent to: `path` has its query, `host` is a name or an address without brackets."""

    scheme: str
    host: str
    port: int
    path: str


def read_target(url: str, allowed: Iterable[Network]) -> Target:
    """The parts of a URL; `ValueError` says why nothing is sent there."""
    if re.fullmatch(rf"[\x21-\x7e]{{1,{LONGEST_URL}}}", url) is None:
        raise ValueError(f"expected a URL of at most {LONGEST_URL} printable ASCII characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("expected a URL such as `https://example.com/events`") from None
    _check_form(parts, url)
    address = _literal(host)
    if address is not None and not may_reach(address, allowed):
        raise ValueError(f"expected a public address, found `{host}`")
    if port is not None and port < FIRST_FREE_PORT and port not in PORTS.values():
        raise ValueError(f"expected port 80, 443 or one from {FIRST_FREE_PORT}, found {port}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def may_reach(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether events may be sent to an address: it is public, or the operator has listed it."""
    return any(address in network for network in allowed) or _is_public(address)


def _check_form(parts: SplitResult, url: str) -> None:
    if parts.scheme not in PORTS:
        raise ValueError("expected a URL that begins with `https://` or `http://`")
    if "@" in parts.netloc:
        raise ValueError("expected a URL without a user name and a password")
    if "#" in url or "\\" in url:
        raise ValueError("expected a URL without `#` and `\\`")


def _literal(host: str) -> Address | None:
    """The address that a host is; `None` for a name. Numbers in other forms are refused, whatever they might mean."""
    try:
        found = ip_address(host)
    except ValueError:
        pass
    else:
        if "%" in host:
            raise ValueError("expected an address without a zone")
        return found
    if _HOST.fullmatch(host) is None:
        raise ValueError("expected a host name or an address; write international names in their `xn--` form")
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise ValueError(f"expected a host name, or an address as four decimal numbers, found `{host}`")
    return None


def _is_public(address: Address) -> bool:
    if any(address in network for network in REFUSED) or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False  # among them those that hold an IPv4 address: mapped, compatible, translated
    return address.is_global
