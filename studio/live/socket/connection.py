"""What carries the messages of one live session, and who is at its other end."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from studio.events import Result


class Connection(Protocol):
    """Messages in both directions: texts and bytes."""

    async def receive(self) -> str | bytes | None:
        """The next message; None once the other end is gone."""

    async def send(self, message: str | bytes) -> None:
        """Send a message, once there is room for it. Raises ConnectionError if the other end is gone."""

    async def close(self, code: int, reason: str) -> None:
        """Close the connection. Does nothing if it is closed."""


class Closing(IntEnum):
    """Why a connection was closed: the codes of WebSockets (RFC 6455, 7.4, and IANA), and our own."""

    DONE = 1000
    REFUSED = 1008
    TOO_LARGE = 1009
    FAILED = 1011
    STOPPING = 1012
    NO_PLACE = 1013
    UNREAD = 4000
    UNUSED = 4001
    NOT_UNDERSTOOD = 4002


def _any_upload(size: int) -> None:
    """Take an upload of this many bytes."""


def _no_owner(token: Any) -> tuple[str, str]:
    """The owner of a program's recordings, by its token, and a new token if it has none."""
    return "", ""


def _nothing_more(result: Result, owner: str) -> dict[str, Any]:
    """What the other end learns of a recording besides its id."""
    return {}


def _nothing_kept(result: Result, opening: Any) -> None:
    """Keep nothing of a session besides its recording."""


def _in_english(text: str) -> dict[str, Any]:
    return {"message": text}


@dataclass(frozen=True)
class Client:
    """Who opens a session.

    visitor: who it is; None for no limit. login: the name of a login, or "". address: the network address of
    one without a login, which several visitors may share; None counts by `visitor`.
    upload: called with the bytes of a portrait before it is kept; raises LineFull if that is too much.
    owner_of: the owner of a program's recordings by its token, as in `studio.gallery.visitors`, and a new
    token if it gave none; raises OptionError. described: more fields about a recording and its owner.
    kept: called in a thread with the result of a recording, and the `SessionArguments` of its session.
    worded: a sentence for a program as the fields of a message: "message", and others in further languages.
    worded_for_page: the same for a visitor of the page, who has no flags, settings and fields.
    """

    visitor: Hashable = None
    login: str = ""
    address: str | None = None
    upload: Callable[[int], None] = _any_upload
    owner_of: Callable[[Any], tuple[str, str]] = _no_owner
    described: Callable[[Result, str], dict[str, Any]] = _nothing_more
    kept: Callable[[Result, Any], None] = _nothing_kept
    worded: Callable[[str], dict[str, Any]] = _in_english
    worded_for_page: Callable[[str], dict[str, Any]] = _in_english

    @property
    def names(self) -> tuple[Hashable, ...]:
        """The names by which its sessions are counted, besides the address."""
        return () if self.address is not None else (self.visitor,)
