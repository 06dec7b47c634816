"""Makes a dataset from a folder that the public JoyHallo program has prepared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from engines.weights.reading import read_value
from media.documents.bounds import RECORD
from media.documents.json_text import read_json
from media.errors import DatasetError, DocumentError, JoyStudioError
from media.voice import SAMPLE_RATE, open_voice
from training.dataset.arrays import write_arrays
from training.dataset.frames import decode_png, write_frames
from training.dataset.index import FPS, write_index
from training.dataset.items import ItemFacts, write_failure, write_item
from training.dataset.names import item_name
from training.dataset.sound import write_voice
from training.prepare.folders import claim
from training.prepare.joyhallo import FEATURES, FRAMES, SHORTEST, VOICE
from training.prepare.joyhallo_layout import AUDIO_FEATURES, AUDIOS, IDENTITY, IMAGES, MASKS, VOCALS
from training.prepare.kinds import PREPARERS
from training.prepare.preparer import Rejected
from training.prepare.source_video import MOST_APART

EMBEDDING = 512
SOFT_SIDE = 64


def read_public_layout(folder: Path, root: Path) -> dict[str, int]:
    """Make the dataset `root` from the frames, masks and features in `folder`; the videos are not read.

    Every video with a folder of frames is taken, whatever the lists name. Videos that cannot be used are
    listed with the reasons. Returns the counts of `write_index`. Raises DatasetError for a folder without
    frames, OptionError for another dataset in `root`.
    """
    stems = sorted(path.name for path in (folder / IMAGES).glob("[!.]*/"))
    if not stems:
        raise DatasetError(
            'There are no images in "{folder}"; in the public program\'s folder, this place has a folder '
            "of images for each video.",
            folder=folder / IMAGES,
        )
    claim(root, "joyhallo", folder, PREPARERS["joyhallo"], resume=True)
    random_weights = _random_weights(folder)
    for stem in stems:
        source = f"{stem}.mp4"
        try:
            write_item(root, item_name(source), source, partial(_fill, folder, stem, random_weights))
        except Rejected as refusal:
            write_failure(root, item_name(source), source, refusal.code, refusal.reason)
    return dict(write_index(root))


def _fill(folder: Path, stem: str, random_weights: bool, out: Path) -> ItemFacts:
    pictures = sorted((folder / IMAGES / stem).glob("*.png"), key=lambda path: (len(path.stem), path.stem))
    audio = _value(folder, AUDIO_FEATURES, stem)
    if audio.ndim != 3:
        raise Rejected(
            "bad_features", f"{AUDIO_FEATURES}/{stem}.pt has the shape {audio.shape}, not (n, 12, 768)."
        )
    if abs(len(pictures) - len(audio)) > MOST_APART:
        raise Rejected(
            "length_mismatch",
            f"There are {len(pictures)} pictures and features of {len(audio)} frames of sound; "
            f"they may differ by {MOST_APART}.",
        )
    count = min(len(pictures), len(audio))
    if count < SHORTEST:
        raise Rejected("too_short", f"There are {count} frames; at least {SHORTEST} are needed.")
    identity = _value(folder, IDENTITY, stem)
    if identity.size != EMBEDDING:
        raise Rejected("bad_features", f"{IDENTITY}/{stem}.pt has {identity.size} numbers, not {EMBEDDING}.")
    masks = {name: _frame(folder / public / f"{stem}.png", grey=True) for public, name in MASKS.items()}
    first = _frame(pictures[0])
    if masks["face_mask"].shape != first.shape[:2]:
        raise Rejected("bad_features", f"The face mask is not as large as the pictures: {first.shape[:2]}.")
    if any(masks[name].shape != (SOFT_SIDE, SOFT_SIDE) for name in masks if name != "face_mask"):
        raise Rejected("bad_features", f"The soft masks are not of {SOFT_SIDE}x{SOFT_SIDE} pixels.")
    write_frames(out / FRAMES, _frames(pictures[:count], first.shape))
    separated = (folder / VOCALS / f"{stem}.wav").is_file()
    write_voice(out / VOICE, _sound(folder / (VOCALS if separated else AUDIOS) / f"{stem}.wav", count))
    embedding = identity.reshape(EMBEDDING).astype(np.float32)
    features = {"face_embedding": embedding, "audio": audio[:count].astype(np.float32), **masks}
    write_arrays(out / FEATURES, features)
    more = {"voice": "separated" if separated else "whole", "identity": bool(embedding.any())}
    return ItemFacts(count, first.shape[1], first.shape[0], random_weights, more=more)


def _frames(paths: list[Path], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    for path in paths:
        frame = _frame(path)
        if frame.shape != shape:
            raise Rejected("corrupt", f"{path.name} has a different size from the first frame.")
        yield frame


def _frame(path: Path, *, grey: bool = False) -> np.ndarray:
    """(H, W, 3) uint8 RGB, or (H, W) uint8."""
    if not path.is_file():
        raise Rejected("missing", f"{path.parent.name}/{path.name} is not there.")
    content = np.fromfile(path, np.uint8)
    flag = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR
    frame = decode_png(content, flag)
    if frame is None:
        raise Rejected("corrupt", f"{path.parent.name}/{path.name} is damaged.")
    return frame if grey else cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def _value(folder: Path, name: str, stem: str) -> np.ndarray:
    """The array in a .pt file, which is read without executing anything in it."""
    path = folder / name / f"{stem}.pt"
    if not path.is_file():
        raise Rejected("missing", f"{name}/{path.name} is not there.")
    try:
        value = read_value(path)
    except JoyStudioError as error:
        raise Rejected("bad_features", str(error)) from None
    if value is None:
        raise Rejected("no_identity", f"{name}/{path.name} is empty: no face was found in the video.")
    array = np.asarray(value)
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise Rejected("bad_features", f"{name}/{path.name} holds {array.dtype} in place of finite floats.")
    return array


def _sound(path: Path, frames: int) -> np.ndarray:
    if not path.is_file():
        raise Rejected("missing", f"{path.parent.name}/{path.name} is not there.")
    try:
        samples = open_voice(path, max_seconds=frames / FPS + 3600).samples
    except JoyStudioError as error:
        raise Rejected("bad_audio", str(error)) from None
    wanted = frames * SAMPLE_RATE // FPS
    return np.pad(samples[:wanted], (0, max(0, wanted - len(samples))))


def _random_weights(folder: Path) -> bool:
    """Whether a list says that the features come from random weights."""
    for path in (folder / "data").glob("*_stage2.json"):
        try:
            listed: Any = read_json(path, RECORD)
        except DocumentError:
            continue
        if isinstance(listed, list) and any(isinstance(e, dict) and e.get("made_up_weights") for e in listed):
            return True
    return False
