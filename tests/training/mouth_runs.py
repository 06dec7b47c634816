"""Short trainings of small mouth networks: python -m tests.training.mouth_runs OUT KILL_AT"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from training.loop.events import Saved, Stepped
from training.loop.run import train
from training.visemes.corpus import Corpus, CorpusRecipe, build
from training.visemes.options import VisemesTraining
from training.visemes.recipe import MouthRecipe

SPEECH = CorpusRecipe(minutes=0.5, seed=4, flite_share=0.0, festival_share=0.0)


def options_of(**changed: Any) -> VisemesTraining:
    quick = {"batch_size": 8, "frames": 100, "width": 16, "minutes": 0.5, "track": False, "device": "cpu"}
    return VisemesTraining.model_validate({**quick, **changed})


def trained(
    corpus: Corpus,
    out: Path,
    *,
    resume: bool = False,
    after: Callable[[int], None] = lambda step: None,
    **changed: Any,
) -> MouthRecipe:
    """Train, without the export, which scores the network; `after` is called with each step."""
    recipe = MouthRecipe(corpus, options_of(**changed))
    with closing(train(recipe, recipe.options, out, resume=resume)) as events:
        for event in events:
            if isinstance(event, Stepped):
                after(event.step)
            if isinstance(event, Saved) and event.step == recipe.options.steps:
                break
    return recipe


def main(out: Path, kill_at: int) -> None:
    def kill(step: int) -> None:
        if step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    trained(build(SPEECH), out, after=kill, steps=6, save_every=2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
