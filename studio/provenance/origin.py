"""What made a video: one model for its metadata, its manifest, its motion file and its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from media.desk.edit import PLAIN
from media.documents.bounds import METADATA
from media.documents.json_text import parse_json
from media.documents.quoting import shown
from media.errors import DocumentError
from media.sound.generated import KEY as GENERATED
from media.sound.generated import facts_in
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import performance_facts
from studio.portrait_edit import KEY as EDITED
from studio.portrait_edit import edit_facts, edit_from_facts
from studio.random_weights import KEY, says_random
from studio.second_voice import KEY as SECOND
from studio.second_voice import read_second, second_facts

if TYPE_CHECKING:
    from media.portrait import Portrait
    from media.voice import Voice
    from studio.job import Job
    from studio.motion import Settled

TITLE = "Made with JoyStudio"
DESCRIPTION = "AI generated: a portrait that was made to speak."
_ADDED = ("ai_generated", "settings_sha256")


@dataclass(frozen=True)
class Origin:
    """What decides a video's frames and sound. It contains no names, paths or times.

    audio_track: the one that was used, from 1; None if the voice has only one. anchors: left eye, right eye
    and mouth of an animal, in pixels. motion: the facts of a saved motion that was rendered again.
    second_voice: of a video in which two faces speak, as in `studio.second_voice`. performance: of one that a
    recorded performance drove, as in `studio.given_performance`.
    generated_voice: the speech engine and voice, if the voice was generated from a text; its keys are those
    of `media.sound.generated`. The text itself is not kept. portrait_edit: what was changed about the
    portrait first; None for nothing.
    """

    engine: str
    preset: str | None
    options: dict[str, Any]
    seed: int
    portrait_sha256: str
    speech_sha256: str
    random_weights: bool
    audio_track: int | None = None
    face_index: int = 0
    anchors: list[list[float]] | None = None
    motion: Mapping[str, Any] | None = None
    generated_voice: Mapping[str, Any] | None = None
    portrait_edit: Mapping[str, Any] | None = None
    second_voice: Mapping[str, Any] | None = None
    performance: Mapping[str, Any] | None = None

    @classmethod
    def of(
        cls, job: Job, portrait: Portrait, speech: Voice, settled: Settled, *, random_weights: bool
    ) -> Origin:
        """The origin of a job's video, from the opened inputs."""
        wished = job.model_dump(
            mode="json", include={"preset", "seed", "face_index", "anchors", "audio_track"}
        )
        if speech.tracks > 1:
            wished["audio_track"] = speech.track  # the one that was used, even if none was requested
        return cls(
            engine=job.engine,
            options=settled.options.model_dump(mode="json"),
            portrait_sha256=portrait.sha256,
            speech_sha256=speech.sha256,
            random_weights=random_weights,
            motion=dict(settled.motion.facts) if settled.motion is not None else None,
            generated_voice=dict(speech.generated) if speech.generated is not None else None,
            portrait_edit=edit_facts(job.portrait_edit) or None,
            second_voice=second_facts(job),
            performance=job.performance.facts() if job.performance is not None else None,
            **wished,
        )

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Origin:
        """The origin in a video's metadata.

        Raises KeyError, TypeError, ValueError or OverflowError for foreign facts.
        """
        track, anchors, motion = (facts.get(name) for name in ("audio_track", "anchors", "motion"))
        return cls(
            engine=_text(facts["engine"]),
            preset=_text(facts["preset"]) if facts.get("preset") else None,
            options=dict(facts["options"]),
            seed=int(facts["seed"]),
            portrait_sha256=_text(facts["portrait_sha256"]),
            speech_sha256=_text(facts["speech_sha256"]),
            random_weights=says_random(facts),
            audio_track=int(track) if track is not None else None,
            face_index=int(facts.get("face_index", 0)),
            anchors=[[float(x), float(y)] for x, y in anchors] if anchors is not None else None,
            motion=dict(motion) if motion is not None else None,
            generated_voice=facts_in(json.dumps({GENERATED: facts.get(GENERATED)})),
            portrait_edit=edit_facts(edit_from_facts(facts.get(EDITED)) or PLAIN) or None,
            second_voice=read_second(facts.get(SECOND)),
            performance=performance_facts(facts.get(PERFORMANCE)),
        )

    def facts(self) -> dict[str, Any]:
        """Everything, for the metadata and the manifest."""
        known = {name: getattr(self, name) for name in ("engine", "audio_track", "options", "preset", "seed")}
        known |= {"face_index": self.face_index, "anchors": self.anchors} | self._inputs()
        known |= {"motion": dict(self.motion)} if self.motion is not None else {}
        known |= {EDITED: dict(self.portrait_edit)} if self.portrait_edit is not None else {}
        known |= {SECOND: dict(self.second_voice)} if self.second_voice is not None else {}
        known |= {PERFORMANCE: dict(self.performance)} if self.performance is not None else {}
        return known | ({GENERATED: dict(self.generated_voice)} if self.generated_voice is not None else {})

    def motion_facts(self) -> dict[str, Any]:
        """The facts to save with a sampled motion."""
        return self._inputs() | {"engine": self.engine, "seed": self.seed}

    def shared(self) -> dict[str, Any]:
        """The part that results and histories repeat."""
        return {
            name: getattr(self, name)
            for name in ("engine", "preset", "options", "seed", GENERATED, EDITED, SECOND, PERFORMANCE)
        } | self._inputs()

    def _inputs(self) -> dict[str, Any]:
        return {
            "portrait_sha256": self.portrait_sha256,
            "speech_sha256": self.speech_sha256,
            KEY: self.random_weights,
        }


def metadata(facts: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a video. facts: what decides its frames and sound, as JSON values.

    The facts are one JSON object in the comment, a field that every player and `ffprobe` shows.
    """
    said = {"ai_generated": True, "settings_sha256": settings_hash(facts), **facts}
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "comment": json.dumps(said, ensure_ascii=False),
    }


def read_facts(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The facts in a video's tags; None if the comment is not JoyStudio's."""
    try:
        said = parse_json(tags.get("comment", ""), METADATA)
    except DocumentError:
        return None
    ours = isinstance(said, dict) and {"engine", "speech_sha256"} <= said.keys()
    return said if ours and isinstance(said.get("options", {}), dict) else None


def own_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts from metadata, without those that `metadata` adds."""
    return {name: value for name, value in facts.items() if name not in _ADDED}


def claims(facts: Mapping[str, Any]) -> dict[str, Any]:
    """JoyStudio's part of a video's manifest. A comparison has several engines and names no weights."""
    claimed = {"engine": facts["engine"], "settings_sha256": settings_hash(facts)}
    return claimed | {name: facts[name] for name in ("edit", KEY, GENERATED) if name in facts}


def settings_hash(facts: Mapping[str, Any]) -> str:
    """The hexadecimal SHA-256 of the facts without those that `metadata` adds."""
    text = json.dumps(own_facts(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{shown(value)} is not text")
    return value
