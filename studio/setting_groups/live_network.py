"""How browsers reach the pictures of live sessions over WebRTC."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator

from media.documents.quoting import quoted
from media.errors import OptionError
from studio.setting_groups.group import SettingGroup

_SERVER = re.compile(r"(stun:[^\s?:]+(:\d{1,5})?|turns?:[^\s?:]+(:\d{1,5})?(\?transport=(udp|tcp))?)")


class LiveNetwork(SettingGroup):
    """How browsers reach the pictures of live sessions over WebRTC."""

    live_webrtc_seconds: float = Field(
        5.0,
        ge=0,
        le=60,
        description="Seconds that WebRTC may take to connect before a live session sends its pictures over "
        "its WebSocket; 0 does without WebRTC.",
    )
    live_ice_servers: str = Field(
        "",
        description="STUN and TURN servers of live sessions, with spaces between them, such as "
        "`turn:turn.example.org:3478?transport=udp`. One machine and one network need none.",
    )
    live_turn_user: str = Field("", description="User name for the TURN servers.")
    live_turn_password: SecretStr | None = Field(
        None, description="Password for the TURN servers. Every visitor of the page can read it."
    )
    live_turn_secret: SecretStr | None = Field(
        None,
        description="In place of the password: the secret that the TURN servers share with the page "
        "(`static-auth-secret` of coturn). Each visitor then gets a password of their own, for an hour.",
    )

    @field_validator("live_ice_servers")
    @classmethod
    def _are_servers(cls, value: str) -> str:
        for server in value.split():
            if not _SERVER.fullmatch(server):
                raise OptionError(
                    "The setting JOYSTUDIO_LIVE_ICE_SERVERS names {server}, which is not a STUN or TURN "
                    "server. Write stun:HOST:PORT or turn:HOST:PORT?transport=udp.",
                    server=quoted(server, 80),
                )
        return value
