"""Documents of every kind that people and programs hand over, and the reader of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from benchmarks import document_samples as samples
from engines.saved_motion import SavedMotion

Form = Literal["bytes", "json", "value"]


@dataclass(frozen=True)
class DocumentKind:
    """One kind of document.

    make: real ones, made in an empty folder: bytes, or values of JSON's kinds. read: what reads one of them
    there; it gives a value or raises a JoyStudioError. form: whether bytes are changed, a value that is then
    written as JSON, or a value that is handed over as it is.
    """

    name: str
    make: Callable[[Path], list[Any]]
    read: Callable[[Path, Any], Any]
    form: Form = "bytes"


def kinds() -> Iterator[DocumentKind]:
    """All that are read without PyTorch."""
    yield DocumentKind("preset", lambda folder: _yaml(samples.PRESETS), _preset)
    yield DocumentKind("configuration of animate", lambda folder: _yaml(samples.CONFIGS), _config)
    yield DocumentKind("configuration of train", lambda folder: _yaml(samples.TRAININGS), _training)
    yield DocumentKind(
        "batch list, CSV", lambda folder: samples.LISTS, lambda folder, text: _batch(folder / "a.csv", text)
    )
    yield DocumentKind(
        "batch list, JSONL", _json_lists, lambda folder, text: _batch(folder / "a.jsonl", text)
    )
    yield DocumentKind(
        "list of groups, CSV",
        lambda folder: samples.LISTS,
        lambda folder, text: _groups(folder / "a.csv", text),
    )
    yield DocumentKind(
        "list of groups, JSONL", _json_lists, lambda folder, text: _groups(folder / "a.jsonl", text)
    )
    yield DocumentKind("kept motion", _motions, _motion)
    yield DocumentKind("dataset's index", lambda folder: samples.ITEMS, _dataset, "json")
    yield DocumentKind("dataset's description", lambda folder: [samples.DESCRIPTION], _description, "json")
    yield DocumentKind("dataset's arrays", _arrays, _read_arrays)
    yield DocumentKind("dataset's pictures", _pictures, _read_pictures)
    yield DocumentKind("labels of a public dataset", lambda folder: [samples.LABELS], _labels, "json")
    yield DocumentKind("row of the history", lambda folder: [samples.RESULT], _history, "json")
    yield DocumentKind("record of made videos", lambda folder: [samples.MADE], _made, "json")
    yield DocumentKind("kept scores", lambda folder: [samples.SCORES], _scores, "json")
    yield DocumentKind("options", lambda folder: samples.OPTIONS, _options, "value")
    yield DocumentKind("job through the API", lambda folder: samples.JOBS, _job, "value")
    yield DocumentKind("form of Ray Serve", lambda folder: samples.FORMS, _form, "value")
    yield DocumentKind("column of a comparison", lambda folder: samples.COLUMNS, _column)
    yield DocumentKind(
        "metadata of a video", lambda folder: [samples.RESULT | {"ai_generated": True}], _metadata, "json"
    )
    yield DocumentKind("signed manifest", lambda folder: [samples.REPORT], _manifest, "value")
    yield DocumentKind("times of sounds", lambda folder: samples.SOUNDS, _sounds)
    yield DocumentKind("marks", lambda folder: samples.MARKS, _marks)
    yield DocumentKind("emotion", lambda folder: samples.EMOTIONS, _emotion)
    yield DocumentKind("path", lambda folder: samples.PATHS, _path)


def _yaml(documents: list[dict[str, Any]]) -> list[bytes]:
    texts = [yaml.safe_dump(one, sort_keys=False, allow_unicode=True).encode() for one in documents]
    return [
        *texts,
        *(json.dumps(one).encode() for one in documents),
        b"a: &a {x: 1}\nb: [*a, *a]\n" + texts[0],
    ]


def _json_lists(folder: Path) -> list[bytes]:
    return [
        "".join(json.dumps(row, ensure_ascii=ascii) + "\n" for row in samples.ROWS).encode()
        for ascii in (True, False)
    ]


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _preset(folder: Path, content: bytes) -> Any:
    from studio.presets import load_preset

    _written(folder / "preview" / "a.yaml", content)
    return load_preset("preview", "a", folder)


def _config(folder: Path, content: bytes) -> Any:
    from commands.config_file import read_config
    from studio.options import make_options

    return make_options("joyhallo", read_config(_written(folder / "a.yaml", content)).options)


def _training(folder: Path, content: bytes) -> Any:
    from commands.train import read_options

    return read_options("joyvasa", str(_written(folder / "a.yaml", content)), {})


def _batch(path: Path, content: bytes, *, by_group: bool = False) -> Any:
    from studio.batch.listing import read_lines

    lines = read_lines(_written(path, content), path.parent / "out", engine="preview", by_group=by_group)
    return _short(line.reason for line in lines)


def _groups(path: Path, content: bytes) -> Any:
    return _batch(path, content, by_group=True)


def _short(reasons: Iterable[str]) -> list[str]:
    """What a list says of its bad lines. Raises ValueError for one that fills a page."""
    found = list(reasons)
    if longest := max((reason for reason in found if len(reason) > 600), key=len, default=""):
        raise ValueError(f"a reason of {len(longest)} characters: {longest[:100]}")
    return found


def _motions(folder: Path) -> list[bytes]:
    arrays = {name: np.ones((5, width), np.float32) for name, width in (("exp", 63), ("yaw", 1), ("t", 3))}
    path = folder / "a.safetensors"
    SavedMotion(arrays, {"engine": "joyvasa", "options": {"cfg_scale": 2.8}, "seed": 1}).save(path)
    return [path.read_bytes()]


def _motion(folder: Path, content: bytes) -> Any:
    from engines.saved_motion import load_motion

    return load_motion(_written(folder / "b.safetensors", content)).engine


def _dataset(folder: Path, content: bytes) -> Any:
    from training.dataset.index import read_dataset

    _written(folder / "dataset.json", json.dumps(samples.DESCRIPTION).encode())
    _written(folder / "index.jsonl", json.dumps(samples.ITEMS[0]).encode() + b"\n" + content + b"\n")
    _written(folder / "items" / str(samples.ITEMS[0]["name"]) / "item.json", content)
    return read_dataset(folder, "joyvasa")


def _description(folder: Path, content: bytes) -> Any:
    from training.prepare.status import read_status

    _written(folder / "run.json", content)
    _written(folder / "failed" / "a.json", b'{"name": "a", "code": "x", "reason": "y", "finished": 1}')
    _written(folder / "dataset.json", content)
    return read_status(folder)


def _arrays(folder: Path) -> list[bytes]:
    from training.dataset.arrays import write_arrays

    write_arrays(folder / "a.safetensors", {"exp": np.ones((9, 63), np.float32), "count": np.array([3])})
    return [(folder / "a.safetensors").read_bytes()]


def _read_arrays(folder: Path, content: bytes) -> Any:
    from training.dataset.arrays import read_arrays, read_rows

    path = _written(folder / "b.safetensors", content)
    return read_arrays(path), read_rows(path, "exp", 2, 5)


def _pictures(folder: Path) -> list[bytes]:
    from training.dataset.frames import write_frames

    write_frames(folder / "a.zip", [np.full((8, 8, 3), 40 * number, np.uint8) for number in range(3)])
    return [(folder / "a.zip").read_bytes()]


def _read_pictures(folder: Path, content: bytes) -> Any:
    from training.dataset.frames import FrameArchive

    archive = FrameArchive(_written(folder / "b.zip", content))
    return archive.read(0, len(archive)) if len(archive) else None


def _labels(folder: Path, content: bytes) -> Any:
    from training.prepare.joyvasa_import import read_labels

    return read_labels(_written(folder / "train.json", content))


def _history(folder: Path, content: bytes) -> Any:
    from studio.gallery.history import read_row

    return read_row("2026-01-01T00:00:00+00:00", content.decode("utf-8", "surrogateescape"), folder)


def _made(folder: Path, content: bytes) -> Any:
    from studio.render_cache import RenderCache

    made = RenderCache(_written(folder / "made.jsonl", json.dumps(samples.MADE).encode() + b"\n" + content))
    video = _written(folder / "videos" / "a.mp4", b"")
    return made.knows(video), made.has(video, "ab" * 32), made.facts(video)


def _scores(folder: Path, content: bytes) -> Any:
    from evaluation.kept_scores import KeptScores

    return KeptScores(
        _written(folder / "scores.jsonl", json.dumps(samples.SCORES).encode() + b"\n" + content)
    )


def _options(folder: Path, value: Any) -> Any:
    from studio.options import make_options

    return make_options("preview", value) if isinstance(value, dict) else None


def _job(folder: Path, value: Any) -> Any:
    from ui.api.endpoint import REQUEST_FIELDS, make_job

    given = dict.fromkeys((*REQUEST_FIELDS, *samples.JOBS[0])) | (value if isinstance(value, dict) else {})
    for name in ("portrait", "voice"):  # Gradio hands over the path of an upload
        given[name] = given[name] if isinstance(given[name], str) else None
    return make_job("preview", given, _settings())


@cache
def _settings() -> Any:
    from studio.settings import Settings

    return Settings()


def _form(folder: Path, value: Any) -> Any:
    from studio.serving.request import wish_of

    fields = {str(k): v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}
    return wish_of(fields, ["preview", "joyvasa"])


def _column(folder: Path, content: bytes) -> Any:
    from studio.comparison.columns import parse_column

    return parse_column(content.decode("utf-8", "surrogateescape"))


def _metadata(folder: Path, content: bytes) -> Any:
    from studio.provenance.origin import read_facts, settings_hash

    facts = read_facts({"comment": content.decode("utf-8", "replace")})
    return None if facts is None else settings_hash(facts)


def _manifest(folder: Path, value: Any) -> Any:
    from studio.provenance.inspection import manifest_of

    return manifest_of(value)


def _sounds(folder: Path, content: bytes) -> Any:
    from evaluation.sounds.reading import read_sounds

    return read_sounds(_written(folder / "a.csv", content))


def _marks(folder: Path, content: bytes) -> Any:
    from studio.marks_file import read_marks
    from studio.options import make_options

    return make_options("preview", {"marks": read_marks(_written(folder / "a.csv", content))})


def _emotion(folder: Path, content: bytes) -> Any:
    from studio.options import make_options

    return make_options("joyvasa", {"emotion": content.decode("utf-8", "surrogateescape")})


def _path(folder: Path, content: bytes) -> Any:
    from media.documents.paths import given_path
    from media.voice import open_voice

    path = given_path(content.decode("utf-8", "surrogateescape"))
    return path if path.is_file() else open_voice(folder / path.name)
