"""Sends the curves of a live session to other programs over UDP, while the portrait speaks."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engines import registry
from media.closeable import Closeable
from media.documents.quoting import quoted
from media.errors import OptionError
from media.performance import live_link_packet, vmc
from media.performance.live_link_packet import LONGEST_NAME, LiveLinkPackets
from media.performance.vmc import SHAPES, vmc_packets
from studio.live.udp_address import split_address

if TYPE_CHECKING:
    from studio.live.frame import LiveFrame

_log = logging.getLogger("joystudio.live")

SUBJECT = "JoyStudio"
"""The usual name of a face in Unreal Engine."""


@dataclass(frozen=True, kw_only=True)
class CurveTargets:
    """Where curves are sent: HOST:PORT, or HOST for the usual port; None sends nothing.

    vmc: a receiver of the Virtual Motion Capture protocol, which gets `shapes`, see `vmc.SHAPES`. live_link:
    Unreal Engine, or another receiver of Live Link Face, which shows `subject`.
    """

    vmc: str | None = None
    live_link: str | None = None
    shapes: str = "vrm"
    subject: str = SUBJECT

    def __bool__(self) -> bool:
        return self.vmc is not None or self.live_link is not None

    def check(self) -> None:
        """Check what needs no network. Raises OptionError."""
        for given, port in ((self.vmc, vmc.PORT), (self.live_link, live_link_packet.PORT)):
            if given is not None:
                split_address(given, port)
        if self.shapes not in SHAPES:
            raise OptionError(
                "There are no VMC shapes {name}; choose vrm or arkit.", name=quoted(self.shapes, 30)
            )
        size = len(self.subject.encode(errors="replace"))
        if not self.subject.strip() or not self.subject.isprintable() or size > LONGEST_NAME:
            raise OptionError(
                "The Live Link name {name} has {size} bytes; write 1 to {most} bytes of letters, "
                "digits and signs.",
                name=quoted(self.subject, 60),
                size=size,
                most=LONGEST_NAME,
            )


def check_curves(engine: str) -> None:
    """Raise OptionError for an engine whose faces have no blend shapes."""
    if not registry.spec_of(engine).curves:
        raise OptionError(
            "The engine {engine} does not move blend shapes, so it has no curves to send. Choose {able}.",
            engine=engine,
            able=registry.names_of(lambda spec: spec.curves),
        )


class UdpSender:
    """Sends packets to one address, whether or not a program listens there."""

    def __init__(self, given: str, port: int) -> None:
        """given: HOST:PORT, which is looked up now. port: the usual one. Raises OptionError."""
        host, number = split_address(given, port)
        try:
            found = socket.getaddrinfo(host, number, type=socket.SOCK_DGRAM)
            # VTuber programs listen by IPv4 alone, and localhost is often the address of IPv6 first.
            family, kind, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
            self._socket = socket.socket(family, kind)
        except (OSError, UnicodeError) as error:
            raise OptionError(
                "The computer {host} cannot be found ({reason}); check the name, or write its number, such "
                "as 192.168.1.20.",
                host=quoted(host, 80),
                reason=error,
            ) from None
        self.address: tuple[Any, ...] = address
        self._socket.setblocking(False)
        self._failed = False

    def send(self, packets: Iterable[bytes]) -> None:
        """Send them now. What cannot be sent is lost; the log says so the first time."""
        try:
            with suppress(BlockingIOError):  # a full buffer: newer curves follow with the next frame
                for packet in packets:
                    self._socket.sendto(packet, self.address)
        except OSError as error:
            if not self._failed:
                self._failed = True
                _log.warning("Curves cannot be sent to %s port %d: %s.", *self.address[:2], error)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


class CurveSenders(Closeable):
    """Sends the curves of one session's frames. Close it, or use it in a `with` block."""

    def __init__(self, targets: CurveTargets, fps: int) -> None:
        """Looks the addresses up. fps: of the session. Raises OptionError."""
        targets.check()
        self._fps, self._shapes = fps, targets.shapes
        self._vmc: UdpSender | None = None
        self._live_link: UdpSender | None = None
        try:
            if targets.vmc is not None:
                self._vmc = UdpSender(targets.vmc, vmc.PORT)
            if targets.live_link is not None:
                self._live_link = UdpSender(targets.live_link, live_link_packet.PORT)
        except OptionError:
            self.close()
            raise
        now = datetime.now()
        begin = 3600 * now.hour + 60 * now.minute + now.second
        self._packets = LiveLinkPackets(targets.subject, fps, begin)

    def send(self, frame: LiveFrame) -> None:
        """Send a frame, at the moment in which it is shown. Does not wait."""
        if frame.curves is None:
            return
        blendshapes, angles = frame.curves
        if self._vmc is not None:
            self._vmc.send(vmc_packets(blendshapes, angles, frame.frame_index / self._fps, self._shapes))
        if self._live_link is not None:
            self._live_link.send([self._packets.packet(frame.frame_index, blendshapes, angles)])

    def close(self) -> None:
        """Give the sockets back."""
        for sender in (self._vmc, self._live_link):
            if sender is not None:
                sender.close()
