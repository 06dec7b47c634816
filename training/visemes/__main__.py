"""Make the corpus, train the voice-to-mouth network, print its held-out figures, write it.

Run as ``python -m training.visemes --seed 0``.

Trains twice: once without a single sentence from flite, to see how the network does on an engine it never
heard, and once with everything but the held-out voices and sentences, which is the network that is kept.
Each is what ``python cli.py train visemes`` does.
"""

from __future__ import annotations

import argparse
import json
import shutil
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from engines.preview.mouth import VoiceToMouth
from training.loop.events import Exported, Noted, Stepped
from training.loop.run import train
from training.visemes.export import write_record
from training.visemes.flite import flite_available
from training.visemes.options import VisemesTraining
from training.visemes.recipe import MouthRecipe, open_recipe
from training.visemes.report import report, table

_FRAMES_A_MINUTE = 6000


def main(arguments: list[str] | None = None) -> None:
    """Read the command line (or `arguments`), and train, measure and write the network."""
    given = _parser().parse_args(arguments)
    torch.set_num_threads(given.threads)
    flite = flite_available() and not given.without_flite
    options = _options(given, flite=flite)
    others: dict[str, Any] = {}
    given.cache.mkdir(parents=True, exist_ok=True)
    if flite and not given.without_engine_test:
        print("Without flite, tested on flite:", flush=True)
        path = given.cache / "without-flite.safetensors"
        _train(options.model_copy(update={"flite": False}), given.cache, path)
        others["trained_without_flite"] = report(VoiceToMouth(path), ["flite"])
        print(table(others["trained_without_flite"]), flush=True)
    print("With everything but the held-out voices and sentences:", flush=True)
    record = _train(options, given.cache, given.out)
    for name, figures in record["figures"].items():
        print(f"{name}:\n{table(figures)}", flush=True)
    record = {**record, "epochs": given.epochs, "figures": {**others, **record["figures"]}}
    write_record(given.out.with_suffix(".json"), record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.visemes", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=200.0, help="speech to synthesise")
    parser.add_argument("--epochs", type=float, default=24.0, help="passes over the speech")
    parser.add_argument("--width", type=int, default=128, help="channels of the network")
    parser.add_argument("--threads", type=int, default=1, help="cores to use")
    parser.add_argument("--half", action="store_true", help="multiply in bfloat16")
    parser.add_argument("--out", type=Path, default=Path("engines/preview/visemes.safetensors"))
    parser.add_argument("--cache", type=Path, default=Path(".cache/visemes"))
    parser.add_argument("--recorded", action="store_true", help="also train on recordings of people")
    parser.add_argument("--neural-minutes", type=float, default=0.0, help="speech of Kokoro to train on")
    parser.add_argument("--without-flite", action="store_true", help="do not use flite at all")
    parser.add_argument("--without-engine-test", action="store_true", help="train the kept network only")
    return parser


def _options(given: argparse.Namespace, *, flite: bool) -> VisemesTraining:
    usual = VisemesTraining()
    steps = max(1, round(given.epochs * given.minutes * _FRAMES_A_MINUTE / (usual.batch_size * usual.frames)))
    return VisemesTraining(
        steps=steps,
        seed=given.seed,
        minutes=given.minutes,
        width=given.width,
        precision="bf16" if given.half else "fp32",
        flite=flite,
        recorded=given.recorded,
        neural_minutes=given.neural_minutes,
        speakers=given.threads,
        cache=str(given.cache),
        save_every=steps,
        track=False,
        device="cpu",
    )


def _train(options: VisemesTraining, cache: Path, path: Path) -> dict[str, Any]:
    """Train, and put the network and its figures at `path`. Returns the figures."""
    recipe = open_recipe(None, options)
    assert isinstance(recipe, MouthRecipe)
    with TemporaryDirectory(dir=cache) as folder:
        with closing(train(recipe, options, Path(folder))) as events:
            for event in events:
                if isinstance(event, Noted):
                    print(event.text, flush=True)
                elif isinstance(event, Stepped) and (event.step % 100 == 0 or event.step == options.steps):
                    print(f"step {event.step}/{options.steps}  loss {event.loss:.4f}", flush=True)
                elif isinstance(event, Exported):
                    network, figures = event.files
        path.parent.mkdir(parents=True, exist_ok=True)
        for made, place in ((network, path), (figures, path.with_suffix(".json"))):
            shutil.move(made, place)
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
