"""The address of a program that receives packets, as a person writes it."""

from __future__ import annotations

from media.documents.quoting import quoted
from media.errors import OptionError


def split_address(given: str, port: int) -> tuple[str, int]:
    """The host and the port of HOST:PORT, HOST or [IPV6]:PORT. port: the usual one. Raises OptionError."""
    host, separator, number = given.strip(), "", ""
    if host.startswith("["):
        host, closed, rest = host[1:].partition("]")
        separator, number = rest[:1], rest[1:]
        usable = bool(closed) and separator in ("", ":")
    else:
        if host.count(":") == 1:
            host, separator, number = host.partition(":")
        usable = True
    if separator:
        usable &= number.isascii() and number.isdecimal() and len(number) < 6 and 0 < int(number) < 65536
    if not usable or not host or any(sign.isspace() or sign == "/" for sign in host):
        raise OptionError(
            "The address {address} cannot be used; write HOST:PORT, such as 127.0.0.1:{port}, with a port "
            "from 1 to 65535.",
            address=quoted(given, 80),
            port=port,
        )
    return host, int(number) if number else port
