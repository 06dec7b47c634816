"""Checks a stranger's offer before anything is made for it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

from media.errors import OptionError

if TYPE_CHECKING:
    from aiortc.sdp import SessionDescription

LONGEST = 64 * 1024
"""Characters. Chromium's offer for one picture and one sound has 5000, and 20000 with many networks."""
MOST_CANDIDATES = 64
"""Addresses in an offer: a computer in many networks names 30."""
MOST_ADDRESSES = 8
"""Those of them that are used. Each gets packets until it answers, and a stranger may name any address."""
Address = tuple[str, int]
_NOWHERE = "a=candidate:0 1 udp 1 198.51.100.1 9 typ host"
"""An address for documentation (RFC 5737): no machine has it."""


def can_answer() -> bool:
    """Whether aiortc is installed."""
    return find_spec("aiortc") is not None


def checked_offer(sdp: Any) -> str:
    """An offer for one picture and one sound (SDP, RFC 8829), ready to be answered. Raises OptionError.

    It names `MOST_ADDRESSES` at most. Browsers hide their addresses behind names that only their own network
    resolves. The connection then waits for the browser's packets to come in; but aioice gives up at once if
    it has nowhere to send its own.
    """
    if not isinstance(sdp, str):
        raise OptionError("The WebRTC offer has no text. Send its SDP.")
    if len(sdp) > LONGEST:
        raise OptionError(
            "The WebRTC offer has {length} characters, but takes {most} at most. Offer one picture and one "
            "sound.",
            length=len(sdp),
            most=LONGEST,
        )
    offer = _parsed(sdp)
    _check_parts(offer)
    kept = set(islice(_addresses(offer), MOST_ADDRESSES))
    lines: list[str] = []
    for line in sdp.splitlines():
        if line.startswith("a=candidate:") and _address_in(line) not in kept:
            continue
        if line.startswith("m=") and any(before.startswith("m=") for before in lines):
            lines.append(_NOWHERE)
        lines.append(line)
    return "".join(f"{line}\r\n" for line in [*lines, _NOWHERE])


def unusable() -> OptionError:
    """The error of an offer that cannot be read."""
    return OptionError(
        "The WebRTC offer cannot be read. Send the SDP of an RTCPeerConnection that receives one picture and "
        "one sound, after it has gathered its candidates."
    )


def _parsed(sdp: str) -> SessionDescription:
    from aiortc.sdp import SessionDescription

    try:
        return SessionDescription.parse(sdp)
    except Exception as error:  # the parser has no errors of its own: it fails where it happens to fail
        raise unusable() from error


def _check_parts(offer: SessionDescription) -> None:
    kinds = sorted(part.kind for part in offer.media)
    if kinds != ["audio", "video"]:
        raise OptionError(
            "The WebRTC offer has {count} parts, but takes 2: one sound and one picture. Offer no data "
            "channel and no further tracks.",
            count=len(kinds),
        )
    candidates = sum(len(part.ice_candidates) for part in offer.media)
    if candidates > MOST_CANDIDATES:
        raise OptionError(
            "The WebRTC offer has {count} candidates, but takes {most} at most.",
            count=candidates,
            most=MOST_CANDIDATES,
        )
    if len({part.rtp.muxId for part in offer.media}) != len(kinds):
        raise unusable()
    for part in offer.media:
        if part.direction in ("sendonly", "inactive"):
            raise OptionError(
                "The WebRTC offer does not receive the {kind}. Make its direction recvonly or sendrecv.",
                kind=part.kind,
            )
        if part.dtls is None or not part.dtls.fingerprints or part.ice is None or not part.ice.password:
            raise unusable()


def _addresses(offer: SessionDescription) -> Iterator[Address]:
    """The addresses that packets can be sent to, without repetitions: of each kind in turn, so that the
    server of a browser with many networks is not left out.
    """
    by_kind: dict[str, dict[Address, None]] = {}
    for part in offer.media:
        for candidate in part.ice_candidates:
            if candidate.protocol.lower() == "udp":
                by_kind.setdefault(candidate.type, {})[candidate.ip, candidate.port] = None
    in_turn = chain.from_iterable(zip_longest(*by_kind.values()))
    return (address for address in in_turn if address is not None)


def _address_in(line: str) -> Address | None:
    """The address of a candidate's line that was parsed before; None for other protocols than UDP."""
    _, _, protocol, _, host, port, *_ = line.split()
    return (host, int(port)) if protocol.lower() == "udp" else None
