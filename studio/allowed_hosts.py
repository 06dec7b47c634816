"""The names under which the page may be opened.

A website can make its own name resolve to this machine's address after it was opened (DNS rebinding). Its
requests then reach the page as if they came from the page itself; only the name in them gives them away. An
IP address cannot be rebound.
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
    """The host names that requests may have.

    named: the owner's list, as in `studio.example.org`, `*.example.org` or `studio.example.org:8443`. own:
    names of this machine, in lower case. addresses: whether any IP address is allowed.
    """

    named: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    addresses: bool = False

    @classmethod
    def of(
        cls, bound_to: str, named: str = "", *, more: Iterable[str] = (), machine: str | None = None
    ) -> AllowedHosts:
        """The names for a server that listens on `bound_to`.

        bound_to: an address or a name. On a loopback address, only its names are allowed; on others, every IP
        address and the machine's names in its local network. named: the owner's list, separated by commas.
        more: other known names, such as a Space's. machine: the machine's name; by default, the system's.
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
        """Whether the server answers a request for this host."""
        if host.is_loopback or host.name in self.own:
            return True
        if self.addresses and host.address is not None:
            return True
        return any(_fits(entry, host.name) and _port_of(entry) in (None, host.port) for entry in self.named)

    def names(self, origin: WebOrigin) -> bool:
        """Whether the owner's list contains this website, for a proxy that changes the Host header."""
        for entry in self.named:
            ports = (_port_of(entry),) if _port_of(entry) else DEFAULT_PORTS.values()
            if entry != ANY and _fits(entry, origin.host.name) and origin.port in ports:
                return True
        return False


def parse_list(text: str) -> tuple[str, ...]:
    """The names in a comma-separated list. Raises OptionError with the first invalid entry."""
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
