"""Reads the values of the HTTP headers Host and Origin, and compares them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

DEFAULT_PORTS = {"http": 80, "https": 443}

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_PORT = re.compile(r"[0-9]{1,5}\Z")


@dataclass(frozen=True)
class Host:
    """The value of a Host header (RFC 9110, 7.2).

    name: in lower case and without a final dot; an address in its shortest form, IPv6 without brackets. port:
    1 to 65535, or None if missing.
    """

    name: str
    port: int | None = None

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The IP address that the name is; None for a name that needs DNS."""
        try:
            return ipaddress.ip_address(self.name)
        except ValueError:
            return None

    @property
    def is_loopback(self) -> bool:
        """Whether it is a loopback name of this machine: localhost, 127.0.0.0/8, ::1."""
        address = self.address
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return self.name == "localhost" or (address is not None and address.is_loopback)


@dataclass(frozen=True)
class WebOrigin:
    """The value of an Origin header (RFC 6454, 7): a website's scheme, host and port."""

    scheme: str
    host: Host

    @property
    def port(self) -> int:
        """The port; the scheme's default if there is none."""
        return self.host.port or DEFAULT_PORTS[self.scheme]

    def is_of(self, host: Host, *, scheme: str) -> bool:
        """Whether it is the website that a request with this Host header is for.

        scheme: http or https, as the request arrived. Behind a proxy that handles encryption, a page that was
        opened with https arrives as http, but never the other way round.
        """
        if self.host.name != host.name or (scheme == "https" and self.scheme == "http"):
            return False
        return self.port == (host.port or DEFAULT_PORTS[self.scheme])


def parse_host(value: str) -> Host | None:
    """A host with or without a port: `name`, `name:7860`, `192.0.2.1:80`, `[::1]:7860`; else None.

    A name is what browsers send: ASCII letters, digits, `-` and `_`, with other alphabets in Punycode. User
    names, paths, spaces, second hosts, percent signs and numbers that only some programs read as an address
    (`127.1`, `0x7f.0.0.1`) are invalid.
    """
    if value.startswith("["):
        inner, closed, rest = value[1:].partition("]")
        name = _ipv6(inner) if closed else None
    else:
        inner, colon, port = value.partition(":")
        name, rest = _name(inner.lower()), colon + port
    if name is None:
        return None
    if rest in ("", ":"):  # RFC 3986 allows an empty port
        return Host(name)
    port = rest[1:]
    if rest[0] != ":" or not _PORT.match(port) or not 0 < int(port) <= 65_535:
        return None
    return Host(name, int(port))


def parse_origin(value: str) -> WebOrigin | None:
    """`http://host` or `https://host`, with or without a port; None for anything else, including `null`."""
    scheme, found, rest = value.partition("://")
    host = parse_host(rest) if found and scheme.lower() in DEFAULT_PORTS else None
    return WebOrigin(scheme.lower(), host) if host else None


def _ipv6(text: str) -> str | None:
    if "%" in text:  # the name of a network card, which no browser sends
        return None
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return None


def _name(text: str) -> str | None:
    text = text.removesuffix(".")
    labels = text.split(".")
    if len(text) > 253 or not all(_LABEL.match(label) for label in labels):
        return None
    if re.match(r"[0-9]+\Z|0x[0-9a-f]*\Z", labels[-1]):  # WHATWG URL: what ends in a number is an address
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            return None
    return text
