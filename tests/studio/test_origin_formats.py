"""The exact stored forms of one video: existing files and programs read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.downloads import preset_yaml, settings_json
from studio.events import Result
from studio.gallery.history import HistoryEntry, read_row
from studio.gallery.history_rows import row_of
from studio.provenance.edited import EditSigner, Provenance
from studio.provenance.origin import Origin, metadata, read_facts, settings_hash
from studio.provenance.signing import LABEL, SOURCE_TYPE, manifest
from studio.settings import Settings

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PREVIEW = Origin("preview", None, {"fps": 25, "gaze": 0.5}, 7, "a1", "b2", random_weights=False)
JOYVASA = Origin(
    "joyvasa", "calm", {"fps": 25, "animation_mode": "animal"}, 0, "a1", "b2", random_weights=True,
    audio_track=2, face_index=1, anchors=[[1.0, 2.0], [3.0, 4.5], [2.0, 6.0]],
    motion={"engine": "joyvasa", "seed": 3},
)  # fmt: skip
JOYHALLO = Origin("joyhallo", None, {"fps": 25, "seconds": 1.5}, 1, "a1", "b2", random_weights=False)
HASHES = {
    "preview": "096d250940f9e796d2994cc3944335721bde7c85d70ee7e62055234ec50d0ea2",
    "joyvasa": "0f03ecedb7dde456db401d2d0e9756a9a66158eecd4753b269b8d904b8f80964",
    "joyhallo": "7a3ededa4463819f5e6ecb223e3ec033788b68a345d94c8f17fca792c6dc68cf",
}
COMMENTS = {
    "preview": '"engine": "preview", "audio_track": null, "options": {"fps": 25, "gaze": 0.5}, "preset": '
    'null, "seed": 7, "face_index": 0, "anchors": null, "portrait_sha256": "a1", "speech_sha256": "b2", '
    '"random_weights": false}',
    "joyvasa": '"engine": "joyvasa", "audio_track": 2, "options": {"fps": 25, "animation_mode": "animal"}, '
    '"preset": "calm", "seed": 0, "face_index": 1, "anchors": [[1.0, 2.0], [3.0, 4.5], [2.0, 6.0]], '
    '"portrait_sha256": "a1", "speech_sha256": "b2", "random_weights": true, '
    '"motion": {"engine": "joyvasa", "seed": 3}}',
    "joyhallo": '"engine": "joyhallo", "audio_track": null, "options": {"fps": 25, "seconds": 1.5}, '
    '"preset": null, "seed": 1, "face_index": 0, "anchors": null, "portrait_sha256": "a1", '
    '"speech_sha256": "b2", "random_weights": false}',
}
RESULT = (
    '"job_id": "0123456789abcdef", "path": "/o/v.mp4", "frames": 50, "fps": 25, "size": [64, 48], '
    '"duration": 2.0, "seconds": 1.5, "first_chunk_seconds": 0.5, "realtime_factor": 0.75, "engine": '
    '"joyvasa", "preset": "calm", "options": {"fps": 25, "animation_mode": "animal"}, "seed": 0, "portrait": '
    '"me.png", "speech": "me.wav", "portrait_sha256": "a1", "speech_sha256": "b2", "random_weights": true, '
    '"notes": ["n"], "motion": "/o/v.motion.safetensors", "signed": true, "device": "cpu", "incomplete": [], '
    '"generated_voice": null, "portrait_edit": null, "second_voice": null, "performance": null, "dub": null}'
)
SETTINGS = """{
  "frames": 50,
  "fps": 25,
  "size": [
    64,
    48
  ],
  "duration": 2.0,
  "seconds": 1.5,
  "first_chunk_seconds": 0.5,
  "realtime_factor": 0.75,
  "engine": "joyvasa",
  "preset": "calm",
  "options": {
    "fps": 25,
    "animation_mode": "animal"
  },
  "seed": 0,
  "portrait": "me.png",
  "speech": "me.wav",
  "portrait_sha256": "a1",
  "speech_sha256": "b2",
  "random_weights": true,
  "notes": [
    "n"
  ],
  "signed": true,
  "device": "cpu",
  "incomplete": [],
  "generated_voice": null,
  "portrait_edit": null,
  "second_voice": null,
  "performance": null,
  "dub": null
}
"""
PRESET = (
    "# joyvasa\ndescription: Taken from a video of seed 0.\nengine: joyvasa\nseed: 0\n"
    "options:\n  fps: 25\n  animation_mode: animal\n"
)

every_engine = pytest.mark.parametrize(
    "origin", [PREVIEW, JOYVASA, JOYHALLO], ids=lambda origin: origin.engine
)


@pytest.fixture
def result() -> Result:
    return Result.of(
        JOYVASA, job_id="0123456789abcdef", path=Path("/o/v.mp4"), frames=50, fps=25, size=(64, 48),
        duration=2.0, seconds=1.5, first_chunk_seconds=0.5, realtime_factor=0.75, portrait="me.png",
        speech="me.wav", notes=("n",), motion=Path("/o/v.motion.safetensors"), signed=True, device="cpu",
    )  # fmt: skip


@every_engine
def test_the_metadata_of_a_video(origin: Origin) -> None:
    name = origin.engine
    assert metadata(origin.facts()) == {
        "title": "Made with JoyStudio",
        "description": "AI generated: a portrait that was made to speak.",
        "comment": f'{{"ai_generated": true, "settings_sha256": "{HASHES[name]}", {COMMENTS[name]}',
    }


@every_engine
def test_nothing_of_the_metadata_is_lost_in_reading(origin: Origin) -> None:
    facts = read_facts(metadata(origin.facts()))
    assert facts is not None
    assert Origin.from_facts(facts) == origin
    assert settings_hash(facts) == HASHES[origin.engine]


def test_metadata_of_earlier_versions() -> None:
    facts = PREVIEW.facts()
    for later in ("audio_track", "preset", "face_index", "anchors", "random_weights"):
        del facts[later]
    assert Origin.from_facts(facts | {"made_up_weights": False}) == PREVIEW
    assert Origin.from_facts(facts | {"made_up_weights": True}).random_weights


def test_the_facts_beside_a_saved_motion() -> None:
    assert json.dumps(JOYVASA.motion_facts()) == (
        '{"portrait_sha256": "a1", "speech_sha256": "b2", "random_weights": true, '
        '"engine": "joyvasa", "seed": 0}'
    )


@every_engine
def test_the_manifest_of_a_video(origin: Origin) -> None:
    name = origin.engine
    action = {
        "action": "c2pa.created",
        "digitalSourceType": SOURCE_TYPE,
        "softwareAgent": {"name": f"JoyStudio, engine {name}"},
    }
    claims = {"engine": name, "settings_sha256": HASHES[name], "random_weights": origin.random_weights}
    assert json.dumps(manifest(origin.facts())) == json.dumps(
        {
            "claim_generator_info": [{"name": "JoyStudio"}],
            "title": "Made with JoyStudio",
            "format": "video/mp4",
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
                {"label": LABEL, "data": claims},
            ],
        }
    )


def test_the_manifest_of_a_comparison_names_no_weights() -> None:
    facts = {"engine": "comparison", "columns": 2, "speech_sha256": "b2"}
    assert list(manifest(facts)["assertions"][1]["data"]) == ["engine", "settings_sha256"]


@pytest.mark.parametrize("weights", [{"random_weights": True}, {"made_up_weights": True}])
def test_the_claims_of_an_edited_video(weights: dict[str, bool]) -> None:
    facts = {"engine": "joyvasa", "speech_sha256": "b2", **weights, "edit": {"operation": "export"}}
    signer = EditSigner(Provenance(facts, {}, generated=True), Settings(), [Path("a.mp4")], "video/mp4")
    told = signer.manifest()["assertions"][1]
    assert json.dumps(told) == json.dumps(
        {
            "label": LABEL,
            "data": {
                "engine": "joyvasa",
                "settings_sha256": settings_hash(facts),
                "edit": {"operation": "export"},
                "random_weights": True,
            },
        }
    )


def test_a_result_and_what_is_taken_from_it(result: Result) -> None:
    assert json.dumps(result.as_json()) == "{" + RESULT
    assert settings_json(result) == SETTINGS
    assert preset_yaml(result) == PRESET
    assert (
        json.dumps(HistoryEntry(WHEN, result).as_json())
        == '{"created": "2026-01-02T03:04:05+00:00", ' + RESULT
    )


def test_a_row_of_the_history(result: Result) -> None:
    row = row_of(result, WHEN, "me")
    assert row == ("0123456789abcdef", WHEN.isoformat(), "joyvasa", "a1", "b2", "me", "{" + RESULT)
    assert read_row(row[1], row[-1], Path("history.sqlite")) == HistoryEntry(WHEN, result)


def test_rows_of_earlier_versions(result: Result) -> None:
    told = json.loads(row_of(result, WHEN)[-1])
    for later in ("random_weights", "motion", "signed", "device", "incomplete"):
        del told[later]
    entry = read_row(WHEN.isoformat(), json.dumps(told | {"made_up_weights": True, "gone": 1}), Path("h"))
    assert entry is not None
    assert entry.result.random_weights
    assert (entry.result.motion, entry.result.signed, entry.result.incomplete) == (None, False, ())
