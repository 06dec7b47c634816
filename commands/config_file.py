"""`animate --config FILE`: many videos from one file in the format of JoyHallo's `inference.yaml`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from commands.render import ask_before_long_list, make_video, tell
from engines.weights.catalogue import weights_in
from media.documents.paths import exists, given_path
from media.documents.quoting import quoted
from media.documents.yaml_text import read_yaml
from media.errors import DocumentError, JoyStudioError, OptionError, OutputError

if TYPE_CHECKING:
    from engines.base import EngineOptions
    from studio.job import Job

ENGINE = "joyhallo"
"""The engine whose format the file has."""
LISTS = ("ref_img_path", "audio_path")
OPTIONS = {
    "inference_steps": "inference_steps",
    "cfg_scale": "cfg_scale",
    "face_expand_ratio": "face_expand_ratio",
    "weight_dtype": "precision",
}
"""The engine's options, by the file's names."""
OTHERS = ("audio_ckpt_dir", "seed", "exp_name", "output_dir")
ELSEWHERE = frozenset(
    """data wav2vec_config audio_separator face_analysis solver val noise_scheduler_kwargs trainable_para
    unet_additional_kwargs base_model_path vae_model_path face_analysis_model_path mm_path motion_module_path
    mp_face_landmarker_path uncond_img_ratio uncond_audio_ratio uncond_ia_ratio uncond_motion_ratio
    start_ratio noise_offset snr_gamma enable_zero_snr single_inference_times stage1_ckpt_dir
    resume_from_checkpoint checkpointing_steps save_model_epoch_interval""".split()
)
"""Entries for training, and for paths that are determined by the folder of weights here."""
SEED = 42
CHECKPOINTS = "pretrained_models"
FAILED = 1
"""Exit code if some of the videos could not be made."""


@dataclass(frozen=True)
class Batch:
    """The content of the file.

    pairs: (portrait, voice). folder: for the videos. weights: the folder of all weights, if the file names a
    checkpoint. notes: sentences for the user.
    """

    pairs: tuple[tuple[Path, Path], ...]
    folder: Path
    options: Mapping[str, Any]
    seed: Any = SEED
    weights: Path | None = None
    notes: tuple[str, ...] = ()


def animate_all(
    path: Path,
    *,
    engine: str | None = None,
    preset: str | None = None,
    typed: Mapping[str, Any] | None = None,
    seed: int | str | None = None,
    as_json: bool = False,
    yes: bool = False,
) -> int:
    """Make every video of a file. Returns the exit code: 0, or 1 if some failed or are incomplete.

    engine: None is JoyHallo, whose program reads such files. typed, seed: override the file, which overrides
    the preset. Failures are reported on stderr, and the other videos are still made. yes: make videos of over
    half an hour without a question. Raises OptionError for an unusable file.
    """
    from studio.job import Job
    from studio.options import make_options
    from studio.presets import load_preset

    engine = engine or ENGINE
    batch = read_config(path)
    for note in batch.notes:
        print(f"note: {note}", file=sys.stderr)
    options = {**(load_preset(engine, preset).values if preset else {}), **batch.options, **(typed or {})}
    checked = make_options(engine, options)
    _make_folder(batch.folder)
    with weights_in(batch.weights):
        jobs = list(_jobs(batch, engine, preset, checked, batch.seed if seed is None else seed))
        if not yes:
            ask_before_long_list([job for *_, job in jobs if isinstance(job, Job)])
        return _make(jobs, as_json=as_json)


_PairJob: TypeAlias = "tuple[Path, Path, Job | JoyStudioError]"
"""A portrait, a voice, and the job or the reason why there is none."""


def _jobs(
    batch: Batch, engine: str, preset: str | None, checked: EngineOptions, seed: int | str
) -> Iterator[_PairJob]:
    from studio.job import Job

    for portrait, voice, output in _outputs(batch):
        given = {"portrait": portrait, "voice": voice, "output": output, "preset": preset, "seed": seed}
        try:
            yield portrait, voice, Job(engine=engine, options=checked, **given)
        except JoyStudioError as error:
            yield portrait, voice, error


def _make(jobs: Sequence[_PairJob], *, as_json: bool) -> int:
    failed = code = 0
    for portrait, voice, job in jobs:
        try:
            if isinstance(job, JoyStudioError):
                raise job
            result = make_video(job)
        except JoyStudioError as error:
            failed += 1
            message = " ".join(str(error).split())
            print(f"error: {portrait.name} with {voice.name}: {message}", file=sys.stderr)
            if as_json:
                print(json.dumps({"portrait": str(portrait), "speech": str(voice), "error": message}))
            continue
        code = max(code, tell(result, as_json=as_json))
    if failed:
        print(f"{failed} of {len(jobs)} videos could not be made", file=sys.stderr)
    return FAILED if failed else code


def read_config(path: Path) -> Batch:
    """Read and check a file. Raises OptionError with the entry."""
    try:
        document = read_yaml(path)
    except DocumentError as error:
        raise OptionError("The file {path} cannot be read: {reason}.", path=path, reason=error) from error
    if not isinstance(document, dict):
        raise OptionError(
            "The file {path} must be a mapping with {keys}.", path=path, keys=" and ".join(LISTS)
        )
    portraits, voices = (_paths(document, name, path) for name in LISTS)
    if len(portraits) != len(voices):
        raise OptionError(
            "{name} has {portraits} entries in ref_img_path and {voices} in audio_path; they are used in "
            "pairs, so write the same number of both.",
            name=path.name,
            portraits=len(portraits),
            voices=len(voices),
        )
    known = {*LISTS, *OPTIONS, *OTHERS, *ELSEWHERE}
    unknown = sorted(str(key) for key in document if key not in known)
    named = quoted(", ".join(unknown))
    notes = [f"{path.name} has {named}, which nothing here reads."] if unknown else []
    options = {ours: document[theirs] for theirs, ours in OPTIONS.items() if document.get(theirs) is not None}
    weights = None
    if document.get("audio_ckpt_dir") is not None:
        checkpoint = _found(str(document["audio_ckpt_dir"]), path)
        weights = _weights_of(checkpoint)
        if weights is None:
            notes.append(f"There is no {checkpoint}; the weights of JOYSTUDIO_WEIGHTS or ./weights are used.")
        if checkpoint.parent.name == "hallo":
            options["checkpoint"] = "hallo"
    folder = Path(str(document.get("output_dir") or "outputs")) / str(document.get("exp_name") or ENGINE)
    return Batch(
        tuple(zip(portraits, voices, strict=True)),
        given_path(folder),
        options,
        document.get("seed", SEED),
        weights,
        tuple(notes),
    )


def _paths(document: Mapping[str, Any], name: str, path: Path) -> list[Path]:
    given = document.get(name)
    entries = [given] if isinstance(given, str) else given
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, str) for entry in entries):
        raise OptionError("{file} needs {key}: one or more file names.", file=path.name, key=name)
    return [_found(entry, path) for entry in entries]


def _found(name: str, config: Path) -> Path:
    """A file that the config names: in the working folder, next to the config, or in the folder above it.

    If it is in none of them, returns the first path, so that the error names it.
    """
    given = given_path(name)
    for folder in (Path(), config.parent, config.parent.parent):
        if exists(folder / given):
            return folder / given
    return given


def _weights_of(checkpoint: Path) -> Path | None:
    """The folder of all weights that contains a checkpoint; None without an existing checkpoint."""
    if not exists(checkpoint):
        return None
    for folder in checkpoint.absolute().parents:
        if folder.name == CHECKPOINTS:
            return folder.parent
    raise OptionError(
        "{checkpoint} is not in a folder {checkpoints} with the other networks. Put it there, as "
        "{checkpoints}/joyhallo/net.pth, or leave audio_ckpt_dir out.",
        checkpoint=checkpoint,
        checkpoints=CHECKPOINTS,
    )


def _outputs(batch: Batch) -> Iterator[tuple[Path, Path, Path]]:
    """Every pair with its video, 0_<portrait>_<voice>.mp4; a second one of that name begins with 1."""
    seen: Counter[str] = Counter()
    for portrait, voice in batch.pairs:
        name = f"{portrait.stem}_{voice.stem}"
        yield portrait, voice, batch.folder / f"{seen[name]}_{name}.mp4"
        seen[name] += 1


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "The folder {folder} cannot be created: {reason}.", folder=folder, reason=error.strerror or error
        ) from error
