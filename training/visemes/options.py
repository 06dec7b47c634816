"""The options of the mouth network's training."""

from __future__ import annotations

from typing import Literal

from training.loop.options import LoopOptions, Schedule, choice, number

LookAhead = Literal["files", "live"]


class VisemesTraining(LoopOptions):
    """The defaults are for speech that is synthesised by rule: 4000 steps pass 24 times over 200 minutes."""

    steps: int = number(4000, 1, None, "Steps", "Total number of weight updates.")
    batch_size: int = number(24, 1, None, "Batch size", "Samples per process in one batch.")
    learning_rate: float = number(2e-3, 0.0, 1.0, "Learning rate", "The highest learning rate.")
    schedule: Schedule = choice(
        "onecycle",
        "Schedule",
        "The learning rate after the warm-up: constant; falling as a line or a cosine; or (onecycle) "
        "rising during the first tenth and falling to 0, both as cosines.",
    )
    seed: int = number(
        0, 0, 2**31 - 1, "Seed", "The same seed, voices and machine give the same speech and weights."
    )
    validate_every: int = number(0, 0, None, "Validate every", "Steps between validations. 0: no validation.")

    minutes: float = number(200.0, 0.1, None, "Minutes", "Minutes of synthetic speech to train on.")
    width: int = number(128, 4, 1024, "Width", "Channels of the network.")
    frames: int = number(300, 10, None, "Frames", "Frames of a sample, at 100 per second.")
    flite: bool = choice(True, "flite", "Use the voices of flite if it is installed.")
    festival: bool = choice(True, "festival", "Use the voices of festival if it is installed.")
    recorded: bool = choice(
        False, "Recorded", "Also train on recordings of people, which are downloaded once as packages."
    )
    neural_minutes: float = number(
        0.0,
        0.0,
        None,
        "Neural minutes",
        "Minutes of speech by the neural synthesiser Kokoro, which is downloaded once as packages. 0: none.",
    )
    natural_share: float = number(
        0.55, 0.0, 1.0, "Natural share", "Share of the samples that recorded and neural voices speak."
    )
    start: str = choice(
        "",
        "Start",
        "Network to begin with, as engines/preview/visemes.safetensors. Empty: random weights.",
    )
    look_ahead: LookAhead = choice(
        "files",
        "Look-ahead",
        "How much sound after a moment is heard: files, 222 ms; live, 72 ms.",
    )
    speakers: int = number(1, 1, 64, "Speakers", "Processes that synthesise speech in parallel.")
    cache: str = choice(".cache/visemes", "Cache", "Folder that stores the speech and the packages.")
