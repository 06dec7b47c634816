"""Make the corpus, train the voice-to-mouth network, print its held-out figures, write it.

Run as ``python -m training.visemes --seed 0``.

Trains twice: once without a single sentence from flite, to see how the network does on an engine it never
heard, and once with everything but the held-out voices and sentences, which is the network that is kept.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from engines.preview.mouth import LOOK_AHEAD, VoiceToMouth
from training.visemes import festival
from training.visemes.corpus import Recipe, load
from training.visemes.flite import flite_available
from training.visemes.report import report, table
from training.visemes.train import save, steps_for, train

_NOISE_DISTANCE = 15.0


def main(arguments: list[str] | None = None) -> None:
    """Read the command line (or `arguments`) and do all of it."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    flite = flite_available() and not options.without_flite
    groups = ["english", "mandarin"] + (["flite"] if flite else [])
    figures = {}
    if flite and not options.without_engine_test:
        print("Without flite, tested on flite:", flush=True)
        path = options.cache / "without-flite.safetensors"
        _train(options, Recipe(options.minutes, options.seed, flite_share=0.0), path)
        figures["trained_without_flite"] = report(VoiceToMouth(path), ["flite"])
        print(table(figures["trained_without_flite"]), flush=True)
    print("With everything but the held-out voices and sentences:", flush=True)
    recipe = Recipe(options.minutes, options.seed)
    _train(options, recipe if flite else replace(recipe, flite_share=0.0), options.out)
    mouth = VoiceToMouth(options.out)
    figures["clean"] = report(mouth, groups)
    figures["noise_or_music_15_db_below"] = report(mouth, groups, noise_distance=_NOISE_DISTANCE)
    for name in ("clean", "noise_or_music_15_db_below"):
        print(f"{name}:\n{table(figures[name])}", flush=True)
    record = {
        "seed": options.seed,
        "minutes": options.minutes,
        "epochs": options.epochs,
        "voices": {"espeak": True, "flite": flite, "festival": festival.installed()},
        "look_ahead_ms": round(LOOK_AHEAD * 1000, 1),
        "figures": _rounded(figures),
    }
    options.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


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
    parser.add_argument("--without-flite", action="store_true", help="do not use flite at all")
    parser.add_argument("--without-engine-test", action="store_true", help="train the kept network only")
    return parser


def _train(options: argparse.Namespace, recipe: Recipe, path: Path) -> None:
    corpus = load(recipe, options.cache, options.threads)
    print(f"{corpus.hours:.2f} hours of speech", flush=True)
    network = train(
        corpus,
        steps=steps_for(corpus, options.epochs),
        seed=options.seed,
        width=options.width,
        half=options.half,
        report=lambda line: print(line, flush=True),
    )
    save(network, path, note=f"seed {recipe.seed}, {recipe.minutes:g} minutes, {options.epochs:g} epochs")


def _rounded(figures: dict) -> dict:
    return {
        key: _rounded(value) if isinstance(value, dict) else round(value, 4) for key, value in figures.items()
    }


if __name__ == "__main__":
    main()
