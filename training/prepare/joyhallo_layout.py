"""Writes a dataset in the layout of the public JoyHallo program: a folder for each kind of file, and two
lists of files.

    videos/ images/ audios/ vocals/ face_emb/ audio_emb/
    face_mask/ sep_pose_mask/ sep_face_mask/ sep_lip_mask/
    data/<name>_stage1.json  data/<name>_stage2.json

Paths in the lists are absolute, so that the program finds the files from anywhere; the folder must stay where
it is. What is there already is left alone, so several runs may write into one folder.
"""

from __future__ import annotations

import json
import secrets
import shutil
import wave
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np

from media.video import VideoWriter
from media.voice import open_voice
from training.dataset.arrays import read_arrays
from training.dataset.frames import FrameArchive
from training.dataset.index import FPS, Dataset, Item
from training.dataset.lines import replace_text
from training.prepare.joyhallo import FEATURES, FRAMES, VOICE

IMAGES, VIDEOS, AUDIOS, VOCALS = "images", "videos", "audios", "vocals"
OWN_VIDEOS = "videos_25fps"
"""The folder for videos if they would otherwise be written into the folder of the originals."""
MASKS = {
    "face_mask": "face_mask",
    "sep_pose_mask": "full_mask",
    "sep_face_mask": "face_mask_64",
    "sep_lip_mask": "lip_mask",
}
"""The public folder of each mask, and its name in an item."""
IDENTITY, AUDIO_FEATURES = "face_emb", "audio_emb"
QUALITY = 10
"""The videos' quality on `VideoWriter`'s scale: no difference from the frames is visible."""


def write_public_layout(dataset: Dataset, out: Path) -> list[Path]:
    """Write the folders below `out`; returns the lists that the public program is given.

    Videos of an odd width or height lose a pixel of it. Raises DatasetError for a damaged item, OutputError.
    """
    out = out.absolute()
    videos = out / VIDEOS
    if Path(str(dataset.facts.get("videos", ""))) == videos.resolve():
        videos = out / OWN_VIDEOS
    stems = public_stems(dataset)
    stages: tuple[list[Mapping[str, Any]], ...] = ([], [])
    for item in dataset.items:
        files = _write_item(item, stems[item.name], out, videos)
        random_weights = {"made_up_weights": True} if dataset.random_weights else {}
        for stage, keys in zip(stages, (_STAGE_1, _STAGE_2), strict=True):
            stage.append({key: str(files[name]) for key, name in keys.items()} | random_weights)
    (out / "data").mkdir(parents=True, exist_ok=True)
    lists = []
    for number, stage in enumerate(stages, 1):
        lists.append(out / "data" / f"{out.name}_stage{number}.json")
        replace_text(lists[-1], json.dumps(stage, ensure_ascii=False, indent=4))
    return lists


_STAGE_1 = {"image_path": IMAGES, "mask_path": "face_mask", "face_emb": IDENTITY}
_STAGE_2 = {
    "video_path": VIDEOS,
    "mask_path": "face_mask",
    "sep_mask_border": "sep_pose_mask",
    "sep_mask_face": "sep_face_mask",
    "sep_mask_lip": "sep_lip_mask",
    "face_emb_path": IDENTITY,
    "audio_path": AUDIOS,
    "vocals_emb_base_all": AUDIO_FEATURES,
}


def public_stems(dataset: Dataset) -> dict[str, str]:
    """The file name of each item: the video's, or the item's if two videos have the same name."""
    stems = {item.name: PurePosixPath(str(item.facts.get("source", ""))).stem for item in dataset.items}
    times = Counter(stem.casefold() for stem in stems.values())
    return {name: stem if stem and times[stem.casefold()] == 1 else name for name, stem in stems.items()}


def _write_item(item: Item, stem: str, out: Path, videos: Path) -> dict[str, Path]:
    """Write the files of one item; their paths by the public folder's name."""
    archive, arrays = FrameArchive(item.folder / FRAMES), read_arrays(item.folder / FEATURES)
    files = {folder: out / folder / f"{stem}.png" for folder in MASKS}
    files |= {folder: out / folder / f"{stem}.pt" for folder in (IDENTITY, AUDIO_FEATURES)}
    files |= {
        IMAGES: out / IMAGES / stem,
        AUDIOS: out / AUDIOS / f"{stem}.wav",
        VIDEOS: videos / f"{stem}.mp4",
    }
    if item.facts.get("voice") == "separated":
        files[VOCALS] = out / VOCALS / f"{stem}.wav"
    for folder, name in MASKS.items():
        _once(files[folder], partial(_write_picture, arrays[name]))
    # The identity is a numpy array and the voice a tensor, because the public program loads them so.
    _once(files[IDENTITY], partial(_write_value, arrays["face_embedding"], tensor=False))
    _once(files[AUDIO_FEATURES], partial(_write_value, arrays["audio"], tensor=True))
    for folder in {AUDIOS, VOCALS} & set(files):
        _once(files[folder], partial(_write_sound, item.folder / VOICE))
    _once(files[IMAGES], partial(_write_images, archive))
    _once(files[VIDEOS], partial(_write_video, archive, item))
    return files


def _once(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file or a folder under a temporary name and rename it, unless it exists."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f".part-{secrets.token_hex(16)}{target.suffix}"
    try:
        write(part)
        part.replace(target)
    except FileExistsError:  # another run was first, and a folder is not replaced
        pass
    finally:
        shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)


def _write_picture(frame: np.ndarray, part: Path) -> None:
    part.write_bytes(cv2.imencode(".png", frame)[1].tobytes())


def _write_value(value: np.ndarray, part: Path, *, tensor: bool) -> None:
    import torch

    torch.save(torch.from_numpy(value) if tensor else value, part)


def _write_sound(voice: Path, part: Path) -> None:
    """The public sound has two channels."""
    with wave.open(str(voice), "rb") as source, wave.open(str(part), "wb") as target:
        target.setparams(source.getparams()._replace(nchannels=2))
        mono = np.frombuffer(source.readframes(source.getnframes()), "<i2")
        target.writeframes(np.repeat(mono, 2).tobytes())


def _write_images(archive: FrameArchive, part: Path) -> None:
    part.mkdir()
    for number in range(len(archive)):
        frame = archive.read(number, number + 1)[0]
        _write_picture(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), part / f"{number + 1:04d}.png")


def _write_video(archive: FrameArchive, item: Item, part: Path) -> None:
    width, height = (side // 2 * 2 for side in item.size)
    sound = open_voice(item.folder / VOICE, max_seconds=float("inf"))
    with VideoWriter(part, (width, height), FPS, sound=sound, quality=QUALITY, metadata={}) as writer:
        for number in range(len(archive)):
            writer.write(archive.read(number, number + 1)[:, :height, :width])
