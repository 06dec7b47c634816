"""The network address that a request comes from, also behind proxies."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from studio.hosting.spaces import on_space
from studio.settings import Settings

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""The addresses of a Space's own proxies: nothing else reaches its container."""


def address_of(scope: Mapping[str, Any], settings: Settings) -> str:
    """The address of a request's sender; an IPv6 /64 network counts as one address, as one subscriber has it.

    scope: of ASGI. `X-Forwarded-For` is read from its end, and only as far as the setting `proxy_addresses`
    trusts the proxy that wrote it; so a client cannot choose an address by sending the header.
    """
    client = scope.get("client")
    chain = [client[0]] if client else []
    for name, value in reversed(scope.get("headers", ())):
        if name == b"x-forwarded-for":
            chain += [part.strip() for part in reversed(value.decode("latin-1").split(","))]
    trusted = trusted_networks(settings)
    address = ""
    for one in chain[:32]:
        found = _parsed(one)
        if found is None:
            break
        address = str(found)
        if not any(found in network for network in trusted):
            break
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return address


def trusted_networks(settings: Settings) -> list[IPv4Network | IPv6Network]:
    """The networks of trusted proxies: those of the setting and, on a Space, its own."""
    named = filter(None, map(str.strip, settings.proxy_addresses.split(",")))
    on_a_space = PRIVATE if on_space() else ()
    return [ip_network(one, strict=False) for one in (*named, *on_a_space)]


def _parsed(text: str) -> Any:
    host = text.strip().strip("[]").split("%")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
