"""What decides the frames of a live session, as it is written into recordings."""

from __future__ import annotations

from engines.base import EngineOptions
from studio.live.opening import Beginning, OpenedFacts
from studio.portrait_edit import edit_facts
from studio.provenance.origin import Origin


def origin_of(beginning: Beginning, options: EngineOptions, seen: OpenedFacts) -> Origin:
    """The origin of a session, without its voice, which is still to be spoken. options: those in use."""
    anchors = beginning.anchors
    return Origin(
        engine=beginning.engine,
        preset=None,
        options=options.model_dump(mode="json"),
        seed=beginning.seed,
        portrait_sha256=seen.sha256,
        speech_sha256="",
        random_weights=seen.random_weights,
        face_index=beginning.face_index,
        anchors=None if anchors is None else [[float(x), float(y)] for x, y in anchors],
        portrait_edit=edit_facts(beginning.portrait_edit) or None,
    )
