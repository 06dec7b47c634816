"""The STUN and TURN servers of live sessions, for both ends of a connection."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TypedDict

from studio.settings import Settings

LASTS = 3600
"""Seconds for which a visitor's own password of a TURN server is good. A connection outlives it."""


class IceServer(TypedDict, total=False):
    """One server, as `RTCIceServer` of browsers."""

    urls: str
    username: str
    credential: str


def ice_servers(settings: Settings, now: float | None = None) -> list[IceServer]:
    """The servers of the settings, with a user name and a password where they need them.

    With a shared secret, these are new on each call ("A REST API For Access To TURN Services", section 2.2).
    now: seconds since 1970; by default, this moment.
    """
    user, password = settings.live_turn_user, settings.live_turn_password
    credential = password.get_secret_value() if password else ""
    if settings.live_turn_secret is not None:
        user = f"{round((time.time() if now is None else now) + LASTS)}:{user or 'live'}"
        secret = settings.live_turn_secret.get_secret_value().encode()
        # SHA-1 is what the servers expect; as a keyed hash it is still sound.
        credential = base64.b64encode(hmac.digest(secret, user.encode(), hashlib.sha1)).decode()
    servers: list[IceServer] = []
    for url in settings.live_ice_servers.split():
        if url.startswith("turn"):
            servers.append({"urls": url, "username": user, "credential": credential})
        else:
            servers.append({"urls": url})
    return servers
