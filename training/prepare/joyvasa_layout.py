"""Writes a dataset as a training folder for the public JoyVASA program.

OUT/motions/<name>.pkl, .wav    one clip's motion and voice
OUT/motions.pkl                 all motions, by the path of their voice
OUT/train.json, test.json       which clip is in which part
OUT/motion_templete.pkl         for its training (the name is the public program's)
OUT/motion_template.pkl         the same for making videos
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from training.dataset.arrays import read_arrays
from training.dataset.index import Dataset, Item
from training.dataset.lines import replace_text
from training.dataset.template import read_template
from training.prepare.motion_item import MOTION, VOICE
from training.prepare.motion_template import write_template_file
from training.prepare.pickled import write_pickle
from training.prepare.public_motion import to_public

MOTIONS, CLIPS = "motions.pkl", "motions"
TRAINING_TEMPLATE, TEMPLATE = "motion_templete.pkl", "motion_template.pkl"


def write_public_layout(dataset: Dataset, out: Path) -> list[Path]:
    """Write the folder; returns the files that the public program is given.

    Paths in it are absolute, so that the public program finds them from anywhere; the folder must stay where
    it is. All motions are held at once, because `motions.pkl` is one value. Raises DatasetError for a damaged
    item, and OutputError.
    """
    out, videos = out.absolute(), Path(str(dataset.facts.get("videos", "")))
    (out / CLIPS).mkdir(parents=True, exist_ok=True)
    motions: dict[str, Any] = {}
    labels: dict[str, list[dict[str, str]]] = {"train": [], "test": []}
    for item in dataset.items:
        label, motion = _write_clip(item, out / CLIPS, videos)
        motions[label["audio_name"]] = motion
        labels[item.split].append(label)
    write_pickle(out / MOTIONS, motions)
    for split, lines in labels.items():
        replace_text(out / f"{split}.json", json.dumps(lines, ensure_ascii=False, indent=4))
    template = read_template(dataset.root)
    for name in (TRAINING_TEMPLATE, TEMPLATE):
        write_template_file(out / name, template, random_weights=dataset.random_weights)
    return [out / name for name in (MOTIONS, "train.json", "test.json", TRAINING_TEMPLATE, TEMPLATE)]


def _write_clip(item: Item, folder: Path, videos: Path) -> tuple[dict[str, str], dict[str, Any]]:
    source = str(item.facts.get("source", f"{item.name}.mp4"))
    audio, motion = folder / f"{item.name}.wav", folder / f"{item.name}.pkl"
    content = to_public(read_arrays(item.folder / MOTION))
    write_pickle(motion, content)
    part = audio.with_name(f".part-{audio.name}")
    shutil.copyfile(item.folder / VOICE, part)
    part.replace(audio)
    label = {
        "video_name": str(videos / source),
        "audio_name": str(audio),
        "motion_name": str(motion),
    }
    return label, content
