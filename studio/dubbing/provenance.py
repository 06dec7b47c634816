"""What a dub states about itself: its facts, its metadata, and its source as an ingredient."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.dub_options import unused_of
from media.sound.generated import KEY as GENERATED
from studio.provenance.edited import EditSigner, Provenance
from studio.provenance.origin import metadata
from studio.provenance.signing import SOURCE_TYPE
from studio.random_weights import KEY as RANDOM
from studio.settings import Settings
from studio.stopping import check_wanted

if TYPE_CHECKING:
    from media.voice import Voice
    from studio.dubbing.job import DubJob

TITLE = "Dubbed with JoyStudio"
DESCRIPTION = "AI generated: a video of a person with new lips and a new voice."
PARTLY = SOURCE_TYPE.replace("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
"""IPTC's term for a recording of which a trained model has made a part."""


def dub_facts(job: DubJob, speech: Voice, sync_mode: str, *, random_weights: bool) -> dict[str, Any]:
    """What decides the frames and the sound of a dub, without names, paths or times."""
    wished = job.model_dump(mode="json", include={"preset", "seed", "person", "max_turn", "fade"})
    facts = {
        "engine": job.engine,
        "options": job.options.model_dump(mode="json", exclude=set(unused_of(job.options))),
        **wished,
        "sync_mode": sync_mode,
        "video_sha256": file_sha256(job.video),
        "speech_sha256": speech.sha256,
        "audio_track": speech.track if speech.tracks > 1 else job.audio_track,
        RANDOM: random_weights,
    }
    return facts | ({GENERATED: dict(speech.generated)} if speech.generated is not None else {})


def dub_provenance(facts: dict[str, Any]) -> Provenance:
    """The facts with the metadata that repeats them."""
    return Provenance(facts, metadata(facts) | {"title": TITLE, "description": DESCRIPTION}, True)


class DubSigner(EditSigner):
    """Signs one dub in place. Its manifest names the source as the parent that was edited."""

    def __init__(self, provenance: Provenance, settings: Settings, source: Path) -> None:
        super().__init__(provenance, settings, [source], "video/mp4")
        self.tags = provenance.tags

    def unless_stopped(self, path: Path) -> None:
        """Sign a video that is still wanted. Raises Cancelled for one that is no longer wanted."""
        check_wanted()
        self(path)
        check_wanted()

    def manifest(self) -> dict[str, Any]:
        """The claims: a recording of which a model has made a part."""
        claims = super().manifest()
        for action in claims["assertions"][0]["data"]["actions"]:
            if action["action"] == "c2pa.edited":
                action["digitalSourceType"] = PARTLY
        return claims | {"title": TITLE}


def file_sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
