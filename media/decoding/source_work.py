"""A child's work on the source of a dub: it sends the facts, the stored frames, or the subtitles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from media.decoding.messages import Channel
from media.dubbing.facts import SourceFacts
from media.dubbing.readers import reader_of


def _facts(channel: Channel, request: dict[str, Any], _: bytearray) -> None:
    facts = reader_of(Path(request["path"])).facts(lambda: channel.send({"kind": "reading"}))
    channel.send({"kind": "source"}, facts.model_dump_json().encode("utf-8"))


def _frames(channel: Channel, request: dict[str, Any], _: bytearray) -> None:
    facts = SourceFacts.model_validate(request["facts"])
    damage: list[int] = []
    reader = reader_of(Path(request["path"]))
    for tick, packed in reader.frames(facts, request["begin"], request["end"], damage):
        channel.send({"kind": "frame", "tick": tick}, packed.data)
    channel.send({"kind": "end", "damage": len(damage)})


def _cues(channel: Channel, request: dict[str, Any], _: bytearray) -> None:
    facts = SourceFacts.model_validate(request["facts"])
    for cue in reader_of(Path(request["path"])).cues(facts, request["track"]):
        channel.send({"kind": "cue"}, cue.model_dump_json().encode("utf-8"))
    channel.send({"kind": "end"})


SOURCE_WORK: dict[str, Callable[[Channel, dict[str, Any], bytearray], None]] = {
    "source": _facts,
    "source frames": _frames,
    "source cues": _cues,
}
