"""`python cli.py live`: from a file or a pipe into a stream."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np

from commands.live_voice import voice_from

ROOT = Path(__file__).resolve().parents[1]


def live(*arguments: object, pcm: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "cli.py", "live", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=pcm, capture_output=True, check=False)


def written(path: Path) -> tuple[int, np.ndarray, int]:
    """The number of pictures, the sound as int16, and its rate."""
    with av.open(str(path)) as file:
        rate = file.streams.audio[0].rate
        sounds = [frame.to_ndarray().ravel() for frame in file.decode(audio=0)]
    with av.open(str(path)) as file:
        pictures = sum(1 for _ in file.decode(video=0))
    return pictures, np.concatenate(sounds), rate


def test_a_file_becomes_a_stream_with_its_own_sound(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "talk.mkv"
    done = live(portrait_file, "-i", voice_file, "-o", path, "--head-motion", "0.5")
    assert done.returncode == 0, done.stderr
    pictures, sound, rate = written(path)
    with wave.open(str(voice_file)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        assert rate == file.getframerate()
    assert np.abs(sound[: len(samples)].astype(int) - samples).max() <= 1
    assert pictures == -(-len(samples) * 25 // rate)
    assert [one.name for one in tmp_path.iterdir()] == ["talk.mkv"]


def test_a_pipe_becomes_a_pipe(portrait_file: Path, tmp_path: Path) -> None:
    pcm = (3000 * np.sin(np.arange(24000) / 20)).astype("<i2")
    done = live(portrait_file, "--rate", 24000, pcm=pcm.tobytes())
    assert done.returncode == 0, done.stderr
    path = tmp_path / "piped.mkv"
    path.write_bytes(done.stdout)
    pictures, sound, rate = written(path)
    assert (pictures, rate) == (25, 24000)
    np.testing.assert_array_equal(sound, pcm)


def test_what_cannot_be_used_is_one_line_and_no_file(portrait_file: Path, tmp_path: Path) -> None:
    missing = live(portrait_file, "-i", tmp_path / "nothing.wav", "-o", tmp_path / "talk.mkv")
    assert (missing.returncode, missing.stderr.count(b"\n")) == (2, 1)
    assert b"nothing.wav" in missing.stderr
    named = live(portrait_file, "-i", tmp_path / "nothing.wav", "-o", tmp_path / "talk.mp4")
    assert (named.returncode, b"name it talk.mkv" in named.stderr) == (2, True)
    odd = live(portrait_file, pcm=b"abc")
    assert (odd.returncode, b"an odd number" in odd.stderr) == (2, True)
    silent = live(portrait_file, "-o", tmp_path / "talk.mkv")
    assert (silent.returncode, b"No sound came from the standard input" in silent.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_player_may_leave_while_the_voice_rests(portrait_file: Path) -> None:
    command = [sys.executable, "cli.py", "live", str(portrait_file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdin.write(bytes(8001))
        assert program.stdout.read(1000), "it comes while the voice goes on"
        program.stdout.close()
        assert program.wait(60) == 0
        assert program.stderr.read() == b""


def test_a_file_of_any_rate_is_a_voice(tmp_path: Path) -> None:
    path = tmp_path / "fine.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 96000, 0, "NONE", ""))
        file.writeframes((3000 * np.sin(np.arange(96000) / 60)).astype("<i2").tobytes())

    async def read() -> tuple[np.ndarray, set[int]]:
        pieces = [piece async for piece in voice_from(str(path), 16000)]
        return np.frombuffer(b"".join(pcm for pcm, _ in pieces), "<i2"), {rate for _, rate in pieces}

    sound, rates = asyncio.run(read())
    assert rates == {48000}
    np.testing.assert_allclose(sound[500:47500], 3000 * np.sin(np.arange(500, 47500) / 30), atol=3)
