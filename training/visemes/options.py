"""Everything that can be set for the training of the mouth network."""

from __future__ import annotations

from training.loop.options import LoopOptions, Schedule, choice, number


class VisemesTraining(LoopOptions):
    """The defaults are how the network that ships is trained: 4000 steps pass 24 times over 200 minutes."""

    steps: int = number(4000, 1, None, "Steps", "Updates of the weights in all.")
    batch_size: int = number(24, 1, None, "Batch size", "Samples that a process takes at once.")
    learning_rate: float = number(2e-3, 0.0, 1.0, "Learning rate", "How far a step goes, at its highest.")
    schedule: Schedule = choice(
        "onecycle",
        "Schedule",
        "How the learning rate goes on after the warm-up: as it is, down in a line or in a cosine, or "
        "(onecycle) up during the first tenth and down to nothing in cosines.",
    )
    seed: int = number(
        0, 0, 2**31 - 1, "Seed", "Same seed, same voices and same machine: same speech and same weights."
    )
    validate_every: int = number(
        0, 0, None, "Validate every", "Steps from one validation to the next; 0: none."
    )

    minutes: float = number(200.0, 0.1, None, "Minutes", "Speech to synthesise and learn from.")
    width: int = number(128, 4, 1024, "Width", "Channels of the network.")
    frames: int = number(300, 10, None, "Frames", "Of a sample, 100 to a second.")
    flite: bool = choice(True, "flite", "Use the voices of flite, where it is installed.")
    festival: bool = choice(True, "festival", "Use the voices of festival, where it is installed.")
    speakers: int = number(1, 1, 64, "Speakers", "Processes that synthesise speech at the same time.")
    cache: str = choice(".cache/visemes", "Cache", "Folder in which synthesised speech is kept.")
