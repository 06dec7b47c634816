"""Refuses to dub with an engine that cannot, and what no engine can."""

from __future__ import annotations

from engines import registry
from engines.base import EngineOptions
from media.errors import OptionError
from media.messages import said


def check_dubs(engine: str) -> None:
    """Raise OptionError, with the reason, for an engine that cannot paint new lips into a video."""
    spec = registry.spec_of(engine)
    if spec.dubs:
        return
    able = registry.names_of(lambda spec: spec.dubs)
    if spec.why_no_dub:
        raise OptionError(
            "{engine} cannot dub a video: {reason}. Use {able}.",
            engine=spec.short_title,
            reason=said(spec.why_no_dub),
            able=able,
        )
    raise OptionError("{engine} cannot dub a video. Use {able}.", engine=spec.short_title, able=able)


def check_dub_options(options: EngineOptions) -> None:
    """Raise OptionError for options with which no video can be dubbed."""
    if options.animation_mode == "animal":
        raise OptionError(
            "An animal in a video cannot be dubbed, only a person. Leave out the animation mode or preset "
            "animal, or animate a picture of the animal."
        )
