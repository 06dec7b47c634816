"""`python cli.py live`: from a file or a pipe into a stream."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import sys
import wave
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest

from cli import main
from commands.live_voice import opened_voice
from commands.pipes import StandardInput
from commands.signals import first_signal_calls
from media.errors import VoiceError

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
    flags = ["-i", voice_file, "-o", path, "--head-motion", "0.5"]
    assert main(["live", *map(str, [portrait_file, *flags])]) == 0
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


def refusal(capfd: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line of a command that fails, in this process."""
    assert main(["live", *map(str, arguments)]) == 2
    written = capfd.readouterr()
    assert (written.out, written.err.count("\n")) == ("", 1)
    return written.err


def test_another_engine_can_be_chosen(
    portrait_file: Path,
    voice_file: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "empty"))
    path = tmp_path / "talk.mkv"
    given = portrait_file, "-i", voice_file, "-o", path, "--engine"
    assert "choose preview or joyvasa" in refusal(capfd, *given, "joyhallo")
    assert "weights download joyvasa" in refusal(capfd, *given, "joyvasa", "--smile", 0.5)
    assert "smile" in refusal(capfd, *given, "preview", "--smile", 0.5)
    assert not path.exists()


def test_what_cannot_be_used_is_one_line_and_no_file(
    portrait_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "talk.mkv"
    assert "nothing.wav" in refusal(capfd, portrait_file, "-i", tmp_path / "nothing.wav", "-o", path)
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert "No sound came from the standard input" in refusal(capfd, portrait_file, "-o", path)
    assert list(tmp_path.iterdir()) == []


def test_what_can_only_fail_is_refused_before_the_portrait_is_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    portrait, path = tmp_path / "nothing.png", tmp_path / "talk.mkv"
    assert "name it talk.mkv" in refusal(capfd, portrait, "-i", "a.wav", "-o", tmp_path / "talk.mp4")
    assert "8000 to 48000" in refusal(capfd, portrait, "--rate", 10**15, "-o", path)
    controller, terminal = os.openpty()
    other = os.dup(terminal)
    with os.fdopen(controller, "rb"), os.fdopen(terminal) as keyboard, os.fdopen(other, "w") as screen:
        with monkeypatch.context() as typed:
            typed.setattr(sys, "stdin", keyboard)
            assert "--input" in refusal(capfd, portrait, "-o", path)
        with monkeypatch.context() as shown:
            shown.setattr(sys, "stdout", screen)
            assert "--output" in refusal(capfd, portrait, "-i", "a.wav")


def test_a_voice_that_breaks_off_is_spoken_up_to_there(
    portrait_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "talk.mkv"
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as voice:
        voice.write(bytes(32001))
    with os.fdopen(reading) as cut:
        monkeypatch.setattr(sys, "stdin", cut)
        assert main(["live", str(portrait_file), "-o", str(path)]) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "broke off after 1.0 seconds" in said
    assert "32001 bytes" in said
    pictures, sound, _ = written(path)
    assert (pictures, len(sound)) == (25, 16000)


def test_the_first_signal_ends_the_voice_and_the_second_cancels(portrait_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "talk.mkv"
    pcm = bytes(3 * 32000)
    with started(portrait_file, "-o", path) as program:
        assert program.stdin is not None
        assert program.stderr is not None
        program.stdin.write(pcm)  # the pipe has no room for all of it, so the voice is being spoken then
        program.send_signal(signal.SIGINT)
        assert b"Ctrl-C again" in program.stderr.readline()
        assert program.wait(60) == 0
    pictures, sound, _ = written(path)
    assert (pictures, len(sound)) == (75, len(pcm) // 2)
    path.unlink()

    with started(portrait_file) as program:  # the output, which is not read, holds up the end
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdin.write(pcm)
        assert program.stdout.read(1000)
        program.send_signal(signal.SIGTERM)
        assert b"Ctrl-C again" in program.stderr.readline()
        while program.poll() is None:
            program.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                program.wait(1)
        # A shell calls both 130: a further signal may come when Python has put its own handlers away.
        assert program.returncode in (130, -signal.SIGINT)
    assert list(tmp_path.iterdir()) == []


def test_a_signal_ends_an_input_that_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as pipe, os.fdopen(writing, "wb", 0) as writer:
        monkeypatch.setattr(sys, "stdin", pipe)
        writer.write(b"abc")

        async def read() -> list[bytes]:
            source = StandardInput(640)
            with first_signal_calls(source.end):
                pieces = []
                async for piece in source:
                    pieces.append(piece)
                    # Another process sends it: nothing else may wake up the loop.
                    killers.append(subprocess.Popen(["/bin/sh", "-c", f"kill -INT {os.getpid()}"]))
                return pieces

        killers: list[subprocess.Popen[bytes]] = []
        assert asyncio.run(read()) == [b"ab"]
        assert [killer.wait(60) for killer in killers] == [0]


def started(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "cli.py", "live", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)


def test_a_player_may_leave_while_the_voice_rests(portrait_file: Path) -> None:
    with started(portrait_file) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdin.write(bytes(8001))
        assert program.stdout.read(1000), "it comes while the voice goes on"
        program.stdout.close()
        assert program.wait(60) == 0
        assert program.stderr.read() == b""


def test_a_damaged_file_is_said_to_be_one(tmp_path: Path) -> None:
    def read(samples: np.ndarray, claimed: int) -> tuple[int, list[str]]:
        """The number of samples that come from a WAV file of 32 bit floats, and the notes."""
        data = samples.astype("<f4").tobytes()
        head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 1, 16000, 64000, 4, 32)
        head += b"data" + struct.pack("<I", 4 * claimed)
        path = tmp_path / "a.wav"
        path.write_bytes(b"RIFF" + struct.pack("<I", len(head) + 4 * claimed) + head + data)

        async def pieces() -> tuple[int, list[str]]:
            async with opened_voice(str(path), 16000) as voice:
                return len(b"".join([piece async for piece in voice.pieces])) // 2, voice.notes

        return asyncio.run(pieces())

    tone = np.sin(np.arange(32000) / 20) / 2
    count, notes = read(tone, 64000)
    assert count == 32000
    assert ["truncated" in note for note in notes] == [True]
    tone[24000] = np.nan
    with pytest.raises(VoiceError, match=r"at 1\.50 s"):
        read(tone, 32000)


def test_a_file_of_any_rate_is_a_voice(tmp_path: Path) -> None:
    path = tmp_path / "fine.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 96000, 0, "NONE", ""))
        file.writeframes((3000 * np.sin(np.arange(96000) / 60)).astype("<i2").tobytes())

    async def read() -> tuple[np.ndarray, int]:
        async with opened_voice(str(path), 16000) as voice:
            return np.frombuffer(b"".join([piece async for piece in voice.pieces]), "<i2"), voice.rate

    sound, rate = asyncio.run(read())
    assert rate == 48000
    np.testing.assert_allclose(sound[500:47500], 3000 * np.sin(np.arange(500, 47500) / 30), atol=3)
