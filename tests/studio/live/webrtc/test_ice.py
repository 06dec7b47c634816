from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from media.errors import OptionError
from studio.live.webrtc.ice import ice_servers
from studio.settings import Settings


def test_one_machine_and_one_network_need_no_server() -> None:
    assert ice_servers(Settings()) == []


def test_servers_come_with_what_they_ask_for() -> None:
    settings = Settings(
        live_ice_servers="stun:a.example.org turn:b.example.org:3478?transport=tcp",
        live_turn_user="ann",
        live_turn_password="hush",
    )
    assert ice_servers(settings) == [
        {"urls": "stun:a.example.org"},
        {"urls": "turn:b.example.org:3478?transport=tcp", "username": "ann", "credential": "hush"},
    ]
    assert "hush" not in repr(settings)


def test_a_shared_secret_gives_passwords_that_end() -> None:
    settings = Settings(live_ice_servers="turns:b.example.org", live_turn_secret="north")
    (server,) = ice_servers(settings, now=1000.2)
    assert server["username"] == "4600:live"
    expected = base64.b64encode(hmac.new(b"north", b"4600:live", hashlib.sha1).digest()).decode()
    assert server["credential"] == expected


@pytest.mark.parametrize("value", ["turn.example.org", "http://a", "turn:a?transport=sctp", "stun:a stun:"])
def test_a_server_that_is_none_is_refused_by_name(value: str) -> None:
    with pytest.raises(OptionError, match="JOYSTUDIO_LIVE_ICE_SERVERS names"):
        Settings(live_ice_servers=value)
