"""SyncNet: both branches, what it hears, whole evaluations, face tracks and crops; and S3FD."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn

from evaluation.syncnet import crop, detection, distances, embedding, tracks
from evaluation.syncnet.comparing import Comparer
from evaluation.syncnet.embedding import LipStream, SoundWindows
from evaluation.syncnet.mfcc import filter_energies, filterbank, frame_count, lifter, mfcc
from evaluation.syncnet.network import LIP_FRAMES, SyncNet, fast_lips
from evaluation.syncnet.s3fd import S3fd
from tests.parity.allowance import allow_rounding
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.metrics_pictures import enlarged
from tests.parity.originals import frame_confidence

EMBEDDING = 1e-4  # relative
DISTANCE = 1e-4
MFCC = 1e-8  # relative
TRACK = 1e-9
STEP = 16
"""By how much the pictures of these files are enlarged."""


def loaded(context: Context) -> SyncNet:
    model = SyncNet()
    model.load_state_dict(context.metric_network("syncnet"))
    return model.eval()


def stages(model: nn.Sequential, x: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Every layer's output, before a later layer overwrites it."""
    for number, layer in enumerate(model):
        x = layer(x)
        yield number, x.clone()


@torch.inference_mode()
def forward(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Both branches, layer by layer."""
    model = loaded(context)
    pictures = torch.from_numpy(enlarged(golden["lip.low_u8"], STEP)).float().permute(3, 0, 1, 2)
    faces = torch.stack([pictures[:, start : start + LIP_FRAMES] for start in (0, 2, 4)])
    sounds = torch.from_numpy(golden["aud.in"])
    for part, network, x in (("lip", model.netcnnlip, faces), ("aud", model.netcnnaud, sounds)):
        for number, output in stages(network, x):
            if f"{part}.cnn{number}" in golden:
                yield golden.compare(f"{part}.cnn{number}", output, EMBEDDING, relative=True)
    yield golden.compare("lip.feat512", model.lip_features(faces), EMBEDDING, relative=True)
    yield golden.compare("lip.out", model.lips(faces), EMBEDDING, relative=True)
    yield golden.compare("aud.out", model.sounds(sounds), EMBEDDING, relative=True)


def hearing(golden: Golden, context: Context) -> Iterator[Comparison]:
    """MFCC of sounds of several lengths, with their parts."""
    wave = np.tile(golden["wave_i16"], 3)
    for name in golden.names():
        if match := re.fullmatch(r"mfcc\.(silence)?(\d+)", name):
            count = int(match[2])
            sound = np.zeros(count, np.int16) if match[1] else wave[:count]
            yield golden.compare(name, mfcc(sound), MFCC, relative=True)
        elif match := re.fullmatch(r"nframes\.(\d+)", name):
            yield golden.compare(name, frame_count(int(match[1])), 0)
    shape = golden.shape("fbank_energy")
    energies, total = filter_energies(wave[:16000], 0, shape[0])
    yield golden.compare("fbank_energy", energies, MFCC, relative=True)
    yield golden.compare("frame_energy", total, MFCC, relative=True)
    yield golden.compare("filterbank", filterbank(), MFCC)
    yield golden.compare("lifter", lifter(), MFCC)


class LipsOnce:
    """`fast_lips` that embeds the same pictures once: every evaluation of a clip sees all of them again."""

    def __init__(self) -> None:
        self._known: dict[bytes, Tensor] = {}

    def __call__(self, model: SyncNet, frames: Tensor) -> Tensor:
        key = hashlib.sha256(frames.contiguous().numpy()).digest()
        if key not in self._known:
            self._known[key] = fast_lips(model, frames)
        return self._known[key]


@torch.inference_mode()
def evaluation(golden: Golden, context: Context) -> Iterator[Comparison]:
    """From pictures and samples to the three numbers; and from given embeddings with a known shift."""
    with mock.patch.object(embedding, "fast_lips", LipsOnce()):
        yield from _evaluation(golden, context)


def _evaluation(golden: Golden, context: Context) -> Iterator[Comparison]:
    model = loaded(context)
    for clip in dict.fromkeys(name.partition(".")[0] for name in golden.names()):
        cases = {
            prefix: int(golden[f"{clip}.vshift"]) if prefix == clip else int(prefix.rpartition("v")[2])
            for prefix in _cases(golden, clip)
        }
        if f"{clip}.low_u8" not in golden:
            _ = golden[f"{clip}.params_T_shift"]
            for prefix, shift in cases.items():
                found = distances.score(golden[f"{clip}.lip_feat"], golden[f"{clip}.aud_feat"], shift)
                yield from _scores(golden, prefix, found)
            continue
        pictures = enlarged(golden[f"{clip}.low_u8"], STEP)[..., ::-1]
        samples = golden[f"{clip}.wave_i16"]
        sound = SoundWindows(model, samples, len(pictures))
        stream = LipStream(model)
        count = len(pictures)
        comparers = {name: Comparer(model, samples, count, shift) for name, shift in cases.items()}
        for picture in pictures:
            stream.add(picture)
            for comparer in comparers.values():
                comparer.add(picture)
        lips = stream.finish()[: sound.count]
        yield golden.compare(f"{clip}.lip_feat", lips, EMBEDDING, relative=True)
        yield golden.compare(f"{clip}.aud_feat", sound.embed(0, sound.count), EMBEDDING, relative=True)
        for prefix, comparer in comparers.items():
            score = comparer.finish()
            assert score is not None
            yield from _scores(golden, prefix, score)


def _cases(golden: Golden, clip: str) -> list[str]:
    names = (name for name in golden.names() if name.startswith(f"{clip}.") and name.endswith(".dists"))
    return [name.removesuffix(".dists") for name in names]


def _scores(golden: Golden, prefix: str, found: distances.SyncScore) -> Iterator[Comparison]:
    ours = {
        "dists": found.distances,
        "mdist": found.curve,
        "minidx": found.best,
        "offset": found.offset,
        "sync_c": found.confidence,
        "sync_d": found.minimum,
        "mean_all_dists": found.mean,
        "frame_conf": frame_confidence(found),
        "frame_conf_medfilt9": distances.smoothed(frame_confidence(found)),
    }
    for name, value in ours.items():
        if f"{prefix}.{name}" in golden:
            exact = name in ("minidx", "offset")
            yield golden.compare(f"{prefix}.{name}", value, 0 if exact else DISTANCE)


SETTINGS: dict[str, dict[str, int]] = {
    "default": {},
    "min_track50": {"min_track": 50},
    "min_track50_nfd40": {"min_track": 50, "failed": 40},
    "min_face50": {"min_face": 50},
}


def tracking(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Tracks from detections, and crops along a track."""
    rows = golden["detections"]
    frames = int(rows[:, 0].max()) + 1
    found = {}
    detections = [rows[rows[:, 0] == frame][:, 1:] for frame in range(frames)]
    for case, settings in SETTINGS.items():
        found[case] = tracks.find_tracks(detections, **settings)
        yield golden.compare(f"{case}.n", len(found[case]), 0)
        for number, track in enumerate(found[case]):
            yield golden.compare(f"{case}.track{number}.frame", track.frames, 0)
            yield golden.compare(f"{case}.track{number}.bbox", track.boxes, TRACK)
    ours = [tracks.overlap(*pair) for pair in golden["iou.boxes"]]
    yield golden.compare("iou.val", ours, TRACK)
    (picture,) = enlarged(golden["crop.low_u8"][None], 8)
    track = found["default"][0]
    path = crop.crop_path(track)
    for name in ("half", "x", "y"):
        yield golden.compare(f"crop.track0.{name[0].replace('h', 's')}", getattr(path, name), TRACK)
    squares = [crop.cut(picture, path, index).shape[:2] for index in range(len(track.frames))]
    yield golden.compare("crop.track0.crop_hw", squares, 0)
    for name in golden.names():
        if match := re.fullmatch(r"crop\.track0\.face(\d+)", name):
            yield golden.compare(name, crop.crop(picture, path, int(match[1])), 1)
    yield golden.compare("crop.track0.audio_start_end", [track.first / 25, (track.frames[-1] + 1) / 25], 0)


@torch.inference_mode()
def detector(golden: Golden, context: Context) -> Iterator[Comparison]:
    """S3FD from a picture to faces."""
    model = S3fd()
    model.load_state_dict(context.metric_network("s3fd"))
    finder = detection.S3fdFinder(model)
    (picture,) = enlarged(golden["low_u8"][None], STEP)
    small = detection.reduced(picture)
    yield golden.compare("scaled_u8", small, 1)
    anchors = finder.look(golden["scaled_u8"])
    yield golden.compare("loc", anchors.offsets, EMBEDDING)
    yield golden.compare("conf", anchors.faces, EMBEDDING)
    yield golden.compare("priors", anchors.priors, 1e-6)
    rows = detection.detections(anchors)
    name = "detections_cls1_top50"
    yield golden.compare(name, rows[: golden.shape(name)[0]], EMBEDDING)
    ours = _faces(finder, picture)
    compared = [compare_arrays(name, faces, golden[name], 1e-3) for name, faces in ours.items()]
    if not all(comparison.ok for comparison in compared):
        compared = list(allow_rounding(compared, ours, _faces(detection.S3fdFinder(model.double()), picture)))
    yield from compared


def _faces(finder: detection.S3fdFinder, picture: np.ndarray) -> dict[str, np.ndarray]:
    return {f"faces.th{threshold}": finder.find(picture, threshold) for threshold in (0.9, 0.6)}


CHECKS = {
    "syncnet_forward": forward,
    "syncnet_mfcc": hearing,
    "syncnet_evaluate": evaluation,
    "syncnet_track": tracking,
    "s3fd": detector,
}
