"""The documented agent speaks in a fake room."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import AgentSession

from documented import program
from joystudio_livekit import JoyStudioAvatar
from real_server import ROOT, server_address
from rooms import FakeRoom


def test_the_agent_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("JOYSTUDIO", server_address())
    names: dict[str, Any] = {"__name__": "agent"}
    exec(compile(program("LiveKit"), "agent.py", "exec"), names)
    opened: list[AgentSession] = []
    avatars: list[JoyStudioAvatar] = []

    def session() -> AgentSession:
        opened.append(AgentSession())
        return opened[0]

    def avatar(**arguments: Any) -> JoyStudioAvatar:
        avatars.append(JoyStudioAvatar(**arguments))
        return avatars[0]

    async def connect() -> None:
        """There is no server."""

    async def test() -> None:
        room = FakeRoom()
        names.update({"AgentSession": session, "JoyStudioAvatar": avatar})
        await names["entrypoint"](SimpleNamespace(connect=connect, room=room))
        voice = opened[0].output.audio
        assert voice is not None
        finished = await voice.wait_for_playout()
        assert not finished.interrupted
        assert finished.playback_position > 5
        assert set(room.local_participant.track_publications) == {"avatar_audio", "avatar_video"}
        await opened[0].aclose()
        await avatars[0].aclose()  # at the end of a job, LiveKit does it

    asyncio.run(asyncio.wait_for(test(), 60))
