"""A video's statements about itself, and the effect of changes."""

from __future__ import annotations

import builtins
import json
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from media.errors import InputError
from media.video import VideoReader
from studio.events import Finished, Result
from studio.job import Job
from studio.provenance import certificates
from studio.provenance import signing as provenance
from studio.provenance.inspection import inspect_video
from studio.provenance.origin import settings_hash
from studio.provenance.signing import C2PA
from studio.run import run
from studio.settings import Settings
from tests.fake_engine import FakeWorld
from tests.packets import packets

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def job(world: FakeWorld, portrait_file: Path, voice_file: Path) -> Job:
    return Job(engine="fake", portrait=portrait_file, voice=voice_file, seed=7)


@pytest.fixture
def make(job: Job, settings: Settings) -> Callable[..., Result]:
    def finish(**changed: Any) -> Result:
        *_, last = run(job, settings.model_copy(update=changed))
        assert isinstance(last, Finished)
        return last.result

    return finish


def test_a_video_says_that_it_is_generated(make: Callable[..., Result]) -> None:
    result = make()
    assert result.signed
    assert result.notes == ()
    tags = VideoReader(result.path).metadata
    assert "AI generated" in tags["description"]
    found = inspect_video(result.path)
    assert found.facts is not None
    assert found.facts["ai_generated"] is True
    assert (found.facts["engine"], found.facts["seed"]) == ("fake", 7)
    assert found.settings_hold is True
    assert found.manifest is not None
    assert (found.manifest.state, found.manifest.problems) == ("valid", ())
    assert found.manifest.source_type == "trainedAlgorithmicMedia"
    assert found.manifest.test_certificate
    assert found.manifest.claims == {
        "engine": "fake",
        "settings_sha256": found.facts["settings_sha256"],
        "random_weights": False,
    }


def test_a_manifest_holds_no_names_and_no_paths(make: Callable[..., Result]) -> None:
    result = make()
    data = result.path.read_bytes()
    for name in (result.path.name, result.portrait, result.speech, str(result.path.parent)):
        assert name.encode() not in data
    assert [path.suffix for path in result.path.parent.iterdir() if ".sqlite" not in path.name] == [".mp4"]


def test_other_settings_have_another_hash(make: Callable[..., Result], job: Job) -> None:
    facts = inspect_video(make().path).facts
    assert facts is not None
    assert settings_hash(facts) == facts["settings_sha256"]
    assert settings_hash(dict(reversed(facts.items()))) == facts["settings_sha256"]
    assert settings_hash(facts | {"seed": 8}) != facts["settings_sha256"]


def test_signing_leaves_pictures_and_sound_alone(make: Callable[..., Result]) -> None:
    plain, signed = make(sign=False), make()
    assert not plain.signed
    assert packets(plain.path) == packets(signed.path)
    assert VideoReader(plain.path).metadata == VideoReader(signed.path).metadata
    found = inspect_video(plain.path)
    assert found.facts is not None
    assert (found.manifest, found.note) == (None, "")


def test_a_signed_video_still_starts_before_it_is_whole(make: Callable[..., Result]) -> None:
    boxes = [name for name, _ in boxes_of(make().path.read_bytes())]
    assert boxes.index(b"uuid") < boxes.index(b"moov") < boxes.index(b"mdat")


def boxes_of(data: bytes | bytearray) -> list[tuple[bytes, int]]:
    """Name and place of an mp4's outermost boxes."""
    found, at = [], 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found.append((name, at))
        at += size
    return found


@pytest.mark.parametrize("place", ["picture", "comment"])
def test_a_change_is_seen(make: Callable[..., Result], place: str) -> None:
    path = make().path
    data = bytearray(path.read_bytes())
    at = dict(boxes_of(data))[b"mdat"] + 2000 if place == "picture" else data.index(b'"seed": 7') + 8
    data[at] ^= 1
    path.write_bytes(data)
    found = inspect_video(path)
    assert found.manifest is not None
    assert found.manifest.state == "invalid"
    assert "assertion.bmffHash.mismatch" in found.manifest.problems
    assert found.settings_hold is (place == "picture")


def test_a_manifest_that_was_cut_out_leaves_the_metadata(make: Callable[..., Result], tmp_path: Path) -> None:
    path = make().path
    with av.open(str(path)) as old, av.open(str(tmp_path / "copy.mp4"), "w") as new:
        streams = [new.add_stream_from_template(stream) for stream in old.streams]
        new.metadata.update(old.metadata)
        for packet in old.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                new.mux(packet)
    found = inspect_video(tmp_path / "copy.mp4")
    assert found.manifest is None
    assert found.settings_hold is True


def test_a_failure_to_sign_does_not_cost_the_video(make: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = make(keys=tmp_path / "file")
    assert not result.signed
    assert "no signed manifest" in result.notes[-1]
    assert "JOYSTUDIO_KEYS" in result.notes[-1]
    assert packets(result.path) == packets(make().path)
    assert sorted(p.suffix for p in result.path.parent.iterdir() if p.name[0] == ".") == []


def test_an_own_certificate_signs(
    make: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "TEST_ISSUER", "Somebody else")
    own = certificates._make()
    (tmp_path / "own.pem").write_bytes(own.chain)
    (tmp_path / "own.key").write_bytes(own.key)
    result = make(certificate=tmp_path / "own.pem", private_key=tmp_path / "own.key", keys=tmp_path / "none")
    found = inspect_video(result.path).manifest
    assert found is not None
    assert (found.state, found.problems, found.test_certificate) == ("valid", (), False)
    assert not (tmp_path / "none").exists()


def test_an_own_certificate_that_c2pa_refuses_does_not_cost_the_video(
    make: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "own.pem").write_text("no certificate")
    result = make(certificate=tmp_path / "own.pem", private_key=tmp_path / "own.pem")
    assert not result.signed
    assert "not a PEM file" in result.notes[-1]
    assert result.path.exists()


def test_every_video_says_that_the_package_for_signing_is_missing(
    make: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without_c2pa(name: str, *rest: Any, **more: Any) -> Any:
        if name == "c2pa":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_c2pa)
    first, second = make(), make()
    assert first.notes == second.notes == (provenance.MISSING,)
    assert not first.signed
    monkeypatch.setattr("studio.provenance.inspection.find_spec", lambda name: None)
    found = inspect_video(first.path)
    assert found.settings_hold is True
    assert "c2pa-python is not installed" in found.note


def test_other_files_are_refused(tmp_path: Path, voice_file: Path) -> None:
    (tmp_path / "text.mp4").write_text("This is a text.")
    for path in (tmp_path / "text.mp4", voice_file, tmp_path / "nothing.mp4", tmp_path):
        with pytest.raises(InputError):
            inspect_video(path)


def test_a_foreign_comment_is_no_metadata(tmp_path: Path, make: Callable[..., Result]) -> None:
    for comment in ("holidays", "[1]", '{"engine": "steam"}', "null"):
        with av.open(str(tmp_path / "a.mp4"), "w") as new, av.open(str(make(sign=False).path)) as old:
            stream = new.add_stream_from_template(old.streams.video[0])
            new.metadata["comment"] = comment
            for packet in old.demux(old.streams.video[0]):
                if packet.size:
                    packet.stream = stream
                    new.mux(packet)
        with pytest.raises(InputError, match="does not say how it was made"):
            inspect_video(tmp_path / "a.mp4")


GROWTH = """
import json, os, struct, sys
from pathlib import Path
from studio.peak_memory import peak_bytes
from studio.provenance.signing import Signer
from studio.settings import Settings
small, big, pad = Path(sys.argv[1]), Path(sys.argv[2]), 120 << 20
data = bytearray(small.read_bytes())
at = data.rindex(b"mdat") - 4
struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + pad)
with big.open("wb") as file:
    file.write(data)
    for _ in range(pad >> 20):
        file.write(os.urandom(1 << 20))
used, facts = [], {"engine": "fake", "random_weights": False}
for path in (small, big):
    seal = Signer(facts, Settings())
    seal(path)
    assert seal.done, seal.note
    used.append(peak_bytes() >> 20)
print(json.dumps(used))
"""


def test_memory_does_not_grow_with_the_video(make: Callable[..., Result], tmp_path: Path) -> None:
    small = make(sign=False).path
    big = tmp_path / "big.mp4"
    command = [sys.executable, "-c", GROWTH, str(small), str(big)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = json.loads(done.stdout)
    assert after - before < 20  # MiB, for 120 MiB of video
    found = inspect_video(big).manifest
    assert found is not None
    assert found.state == "valid"


def test_nothing_is_asked_of_the_network() -> None:
    verify = json.loads(json.dumps(C2PA))["verify"]
    assert verify["remote_manifest_fetch"] is verify["ocsp_fetch"] is False
