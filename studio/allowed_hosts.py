"""Under which names the page may be opened.

A website can have its own name looked up as this machine's address a moment after it was opened (DNS
rebinding), and what it asks for then reaches the page as if the page itself had asked. The name it was opened
under gives it away. An address cannot be rebound.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass

from media.errors import OptionError
from studio.web_address import DEFAULT_PORTS, Host, WebOrigin, parse_host

ANY = "*"


@dataclass(frozen=True)
class AllowedHosts:
    """The names that requests may be for.

    named: the owner's list, as in `studio.example.org`, `*.example.org` or `studio.example.org:8443`.
    own: names of this machine, in small letters. addresses: whether any IP address will do.
    """

    named: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    addresses: bool = False

    @classmethod
    def of(
        cls, bound_to: str, named: str = "", *, more: Iterable[str] = (), machine: str | None = None
    ) -> AllowedHosts:
        """The names for a server that listens on `bound_to`.

        bound_to: an address or a name. On this machine's inner addresses, only their names are allowed; on
        others, every IP address, and the machine's own names as a local network knows them.
        named: the owner's list, with commas. more: names known otherwise, such as a Space's.
        machine: its name; asked from the system by default.
        """
        listed = (*parse_list(named), *(name for name in more if name))
        bound = parse_host(f"[{bound_to}]" if ":" in bound_to else bound_to)
        if bound is not None and bound.is_loopback:
            return cls(listed)
        full = (machine if machine is not None else socket.gethostname()).lower().rstrip(".")
        short = full.partition(".")[0]
        own = {full, short, f"{short}.local"} if short else set()
        if bound is not None and bound.address is None:
            own.add(bound.name)
        return cls(listed, frozenset(own), addresses=True)

    def allow(self, host: Host) -> bool:
        """Whether a request for this host is answered."""
        if host.is_loopback or host.name in self.own:
            return True
        if self.addresses and host.address is not None:
            return True
        return any(_fits(entry, host.name) and _port_of(entry) in (None, host.port) for entry in self.named)

    def names(self, origin: WebOrigin) -> bool:
        """Whether the owner's list names this website, for a proxy that changes the Host header."""
        for entry in self.named:
            ports = (_port_of(entry),) if _port_of(entry) else DEFAULT_PORTS.values()
            if entry != ANY and _fits(entry, origin.host.name) and origin.port in ports:
                return True
        return False


def parse_list(text: str) -> tuple[str, ...]:
    """The names of a list with commas. Raises OptionError with the first entry that is not a name."""
    entries = tuple(entry.strip().lower() for entry in text.split(",") if entry.strip())
    for entry in entries:
        if entry != ANY and parse_host(entry.removeprefix("*.")) is None:
            raise OptionError(
                "The setting JOYSTUDIO_ALLOWED_HOSTS has {entry!r}, which is not the name of a host. "
                "Separate names with commas, as in studio.example.org, *.example.org",
                entry=entry[:80],
            )
    return entries


def _fits(entry: str, name: str) -> bool:
    if entry == ANY:
        return True
    host = parse_host(entry.removeprefix("*."))
    if host is None:
        return False
    return name.endswith(f".{host.name}") if entry.startswith("*.") else name == host.name


def _port_of(entry: str) -> int | None:
    host = parse_host(entry.removeprefix("*."))
    return host.port if host else None
