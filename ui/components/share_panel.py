"""What the page shows of a video's link: the link, who can open it, its QR code, files to send instead."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from markupsafe import Markup

from media.messages import said
from studio.settings import Settings
from ui.components.filled import filled
from ui.element_ids import ElementIds

Reach = Literal["here", "near", "anywhere"]
"""Who can open a link: this computer alone, its network, or everyone who can reach the page."""
REACHES: dict[Reach, str] = {
    "here": "This link works on this computer only. To show the video elsewhere, send one of these files:",
    "near": "This link works in your own network only. To show the video elsewhere, send one of these files:",
    "anywhere": "Or send one of these files:",
}
QUIET_ZONE, MODULE = 4, 4
"""Modules of white around a QR code (ISO/IEC 18004), and pixels of a module."""


@dataclass(frozen=True)
class Shareable:
    """A finished video. file: the address of the HTML file with it. link: its link, or ""."""

    file: str
    link: str = ""


def panel_html(names: ElementIds, settings: Settings, video: Shareable | None) -> str:
    """The panel of a video, or of none."""
    link = video.link if video else ""
    reach = reach_of(link) if link else "anywhere"
    return filled(
        "share_panel.html",
        ids={part: names(part)["elem_id"] for part in ("share", "revoke")},
        links=bool(settings.share_hours),
        lasts=duration(settings.share_hours),
        video=video,
        reach=reach,
        words=REACHES[reach],
        code=qr_code(link) if link and reach != "here" else "",
    )


def duration(hours: float) -> str:
    """Hours as people say them: "12 hours", "7 days"."""
    if hours >= 48:
        return said("{days:.3g} days", days=hours / 24)
    return said("{hours:g} hour" if hours == 1 else "{hours:.3g} hours", hours=hours)


NEAR = (".local", ".lan", ".internal", ".home.arpa")
"""The ends of names that only one network knows (RFC 6762, RFC 8375; .internal is reserved by ICANN)."""


def reach_of(address: str) -> Reach:
    """Who can open a link to a page at this address, as far as the address says."""
    host = urlsplit(address).hostname or ""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost" or host.endswith(".localhost"):
            return "here"
        return "near" if "." not in host or host.endswith(NEAR) else "anywhere"
    if ip.is_loopback:
        return "here"
    return "anywhere" if ip.is_global else "near"


def qr_code(link: str) -> Markup:
    """A link as a QR code: an inline SVG, black on white in every colour scheme."""
    import segno

    code = segno.make_qr(link, error="m")
    svg = code.svg_inline(scale=MODULE, border=QUIET_ZONE, dark="#000", light="#fff")
    return Markup(svg)  # of numbers only: the link is in the pattern
