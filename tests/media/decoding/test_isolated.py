"""A file costs only itself: its child may crash, hang, grow or lie, and others do not notice."""

from __future__ import annotations

import copy
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media.decoding.decoding import DIRECT
from media.decoding.isolated import IsolatedDecoding
from media.decoding.limits import Limits
from media.errors import DecodingUnavailable, NoFaceError, PortraitError, VoiceError
from media.portrait import open_portrait
from media.voice import open_voice
from tests.media.conftest import encode, tone, write_wav
from tests.media.decoding.conftest import LIMITS
from tests.media.decoding.processes import alive, children, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by /proc")

HASTY = Limits(memory_mb=200, seconds=0.4, longest=1.0)


@pytest.fixture(scope="module")
def hasty() -> Iterator[IsolatedDecoding]:
    """The same, with little time."""
    decoding = IsolatedDecoding(HASTY, "tests.media.decoding.clumsy_work")
    decoding.picture_size(saved(Image.new("RGB", (64, 64))))  # its helper has started
    yield decoding
    decoding.close()


def saved(image: Image.Image, kind: str = "PNG") -> bytes:
    from io import BytesIO

    stream = BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def word(folder: Path, text: str) -> Path:
    path = folder / "told.bin"
    path.write_text(text)
    return path


class TestTheSameAsDirect:
    @pytest.mark.parametrize("as_bytes", [False, True])
    def test_pictures(self, decoding, portrait_file, as_bytes):
        source = portrait_file.read_bytes() if as_bytes else portrait_file
        ours, direct = decoding.open_picture(source, 100), DIRECT.open_picture(source, 100)
        np.testing.assert_array_equal(ours.image, direct.image)
        assert (ours.scale, ours.upload_size) == (direct.scale, direct.upload_size)
        assert not ours.image.flags.writeable

    def test_size(self, decoding, portrait_file):
        assert decoding.picture_size(portrait_file) == (128, 128)

    def test_arrays_and_opened_images_are_read_here(self, decoding):
        grey = np.full((80, 90, 3), 7, np.uint8)
        assert decoding.open_picture(grey, 1280).image.shape == (80, 90, 3)
        assert decoding.open_picture(Image.fromarray(grey), 1280).image.shape == (80, 90, 3)
        assert open_voice((16_000, tone(0.5, 16_000)), decoding=decoding).duration == 0.5

    @pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a", "flac", "ogg"])
    def test_voices(self, decoding, tmp_path, suffix):
        path = encode(tmp_path / f"voice.{suffix}", tone(3.3, 48_000, 2), 48_000, "stereo")
        ours, direct = open_voice(path, decoding=decoding), open_voice(path)
        assert (ours.sha256, ours.description) == (direct.sha256, direct.description)
        blocks = np.concatenate(list(ours.open_original()[1]))
        np.testing.assert_array_equal(blocks, np.concatenate(list(direct.open_original()[1])))

    def test_errors(self, decoding, tmp_path):
        for name, content in (("text.png", b"hello there"), ("empty.png", b"")):
            (tmp_path / name).write_bytes(content)
        for name in ("text.png", "empty.png", "gone.png"):
            for opened in (
                lambda path, **how: open_portrait(path, **how),
                lambda path, **how: open_voice(path, **how),
            ):
                with pytest.raises((PortraitError, VoiceError)) as direct:
                    opened(tmp_path / name)
                with pytest.raises(direct.type) as ours:
                    opened(tmp_path / name, decoding=decoding)
                assert str(ours.value) == str(direct.value)

    def test_a_face_is_looked_for_here(self, decoding):
        with pytest.raises(NoFaceError):
            open_portrait(saved(Image.new("RGB", (200, 200))), decoding=decoding)

    def test_a_voice_may_be_left_early(self, decoding, tmp_path):
        path = write_wav(tmp_path / "long.wav", np.zeros((16_000 * 120, 1)), 16_000)
        for begin in (False, True):
            _, blocks = decoding.open_sound(path)
            if begin:
                assert len(next(blocks))
            blocks.close()
            assert list(blocks) == []
        wait_until(lambda: not children(decoding.helper_pid), "the children have not ended")

    def test_a_copy_starts_its_own(self, decoding, portrait_file):
        copied = copy.deepcopy(decoding)  # by the same methods as a pickle for another process
        assert copied.limits == decoding.limits
        assert copied.picture_size(portrait_file) == (128, 128)
        copied.close()


class TestFailures:
    @pytest.mark.parametrize(
        ("told", "reason"),
        [
            ("crash", r"the decoder crashed \(signal 11\)"),
            ("exit", r"the decoder crashed \(exit code 3\)"),
            ("quiet", r"the decoder crashed \(exit code 0\)"),
            ("grow", "it needs more than 200 MB of memory"),
            ("flood", "the decoder answered with 20000000 bytes where 30000 are taken"),
            ("flood early", "the decoder answered with 20000000 bytes where 0 are taken"),
            ("no size", "the decoder answered with an impossible size"),
            ("no facts", "the decoder's answer has [0-9]+ errors"),
            ("no number", "the decoder reported a scale of nan"),
            ("no shape", "the decoder sent 0 bytes, which are not an image"),
            ("wide", "the decoder sent 0 bytes, which are not an image"),
            ("other", "the decoder gave an unexpected answer"),
            ("false error", "the decoder gave an unexpected answer"),
            ("write", "File too large"),
            ("core", r"ValueError: \(0, 0\)"),  # bytes of a core dump, which would hold the visitor's file
        ],
    )
    def test_of_a_picture(self, clumsy, tmp_path, told, reason):
        with pytest.raises(PortraitError, match=f'^The portrait "told.bin" cannot be decoded: .*{reason}'):
            clumsy.open_picture(word(tmp_path, told), 100)

    def test_of_a_picture_in_memory(self, clumsy):
        with pytest.raises(PortraitError, match=r"^The uploaded portrait cannot be decoded: the decoder cra"):
            clumsy.open_picture(b"crash", 100)

    @pytest.mark.parametrize(
        ("told", "reason"),
        [
            ("crash", r"the decoder crashed \(signal 11\)"),
            ("crash later", r"the decoder crashed \(signal 11\)"),
            ("grow", "it needs more than 200 MB of memory"),
            ("nonsense", "the decoder's answer has [0-9]+ errors"),
        ],
    )
    def test_of_a_voice(self, clumsy, tmp_path, told, reason):
        with pytest.raises(VoiceError, match=f'^The voice "told.bin" cannot be decoded: ({reason}); convert'):
            open_voice(word(tmp_path, told), decoding=clumsy)

    @pytest.mark.parametrize("told", ["hang", "hang later"])
    def test_of_one_that_never_ends(self, hasty, tmp_path, told):
        with pytest.raises(VoiceError, match=r"it took longer than 0\.4 s"):
            open_voice(word(tmp_path, told), decoding=hasty)
        wait_until(lambda: not children(hasty.helper_pid), "the child has not ended")

    def test_the_limit_on_cpu_time_holds_without_a_reader(self, tmp_path):
        quick = IsolatedDecoding(Limits(seconds=1.0), "tests.media.decoding.clumsy_work")
        try:
            with pytest.raises(PortraitError, match=r"it took (longer than 1 s|too much processor time)"):
                quick.open_picture(word(tmp_path, "spin"), 100)
        finally:
            quick.close()

    def test_a_text_of_any_kind_stays_short_and_plain(self, clumsy, tmp_path):
        with pytest.raises(PortraitError) as told:
            clumsy.open_picture(word(tmp_path, "error"), 100)
        assert str(told.value).startswith("ends ?[31m here")
        assert len(str(told.value)) <= 2000

    def test_a_child_has_no_environment_and_no_files_of_ours(self, clumsy, tmp_path, monkeypatch):
        monkeypatch.setenv("A_SECRET", "x")
        fresh = IsolatedDecoding(LIMITS, "tests.media.decoding.clumsy_work")
        try:
            with (tmp_path / "held").open("w"), pytest.raises(PortraitError) as told:
                fresh.open_picture(word(tmp_path, "environment"), 100)
            assert "A_SECRET" not in str(told.value)
            assert "HOME" not in str(told.value)
            with pytest.raises(
                PortraitError, match=r"ValueError: [4-7];"
            ):  # its own, and three standard ones
                fresh.open_picture(word(tmp_path, "files"), 100)
        finally:
            fresh.close()


class TestOthers:
    def test_large_pictures_one_after_the_other(self, clumsy, tmp_path):
        path = word(tmp_path, "large")
        with ThreadPoolExecutor(6) as pool:
            seen = list(pool.map(lambda _: clumsy.open_picture(path, 100).upload_size, range(6)))
        assert seen == [(5000, 5000)] * 6

    def test_one_of_two_children_dies(self, clumsy, tmp_path, voice_file):
        long = write_wav(tmp_path / "long.wav", np.tile(tone(1.0, 16_000), (60, 1)), 16_000)
        expected = open_voice(long).sha256
        (tmp_path / "a").mkdir()
        with ThreadPoolExecutor(8) as pool:
            bad = [pool.submit(open_voice, word(tmp_path / "a", "crash"), decoding=clumsy) for _ in range(8)]
            good = [pool.submit(open_voice, long, decoding=clumsy) for _ in range(8)]
        assert {work.result().sha256 for work in good} == {expected}
        assert all(isinstance(work.exception(), VoiceError) for work in bad)

    def test_a_child_that_is_killed_from_outside(self, decoding, tmp_path):
        path = write_wav(tmp_path / "long.wav", np.zeros((16_000 * 120, 1)), 16_000)
        _, theirs = decoding.open_sound(path)
        (victim,) = children(decoding.helper_pid)
        _, ours = decoding.open_sound(path)
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(
            VoiceError, match=r'"long\.wav" cannot be decoded: the decoder crashed \(signal 9\)'
        ):
            list(theirs)
        assert sum(map(len, ours)) == 16_000 * 120

    def test_a_helper_that_is_killed_is_replaced(self, decoding, portrait_file, tmp_path):
        path = write_wav(tmp_path / "long.wav", np.zeros((16_000 * 120, 1)), 16_000)
        _, blocks = decoding.open_sound(path)
        helper = decoding.helper_pid
        os.kill(helper, signal.SIGKILL)
        wait_until(lambda: not alive(helper), "the helper has not ended")
        assert decoding.picture_size(portrait_file) == (128, 128)
        assert decoding.helper_pid != helper
        blocks.close()

    def test_no_helper_at_all(self, portrait_file):
        decoding = IsolatedDecoding(LIMITS, "no.such.module")
        with pytest.raises(DecodingUnavailable, match="JOYSTUDIO_DECODE=direct"):
            decoding.picture_size(portrait_file)
        decoding.close()

    def test_many_threads_share_one_helper(self, portrait_file):
        decoding, started = IsolatedDecoding(LIMITS), threading.Barrier(8)

        def look() -> int:
            started.wait()
            decoding.picture_size(portrait_file)
            return decoding.helper_pid

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(lambda _: look(), range(8)))) == 1
        decoding.close()


SERVER = """
import sys
from pathlib import Path
from media.decoding.isolated import IsolatedDecoding

decoding = IsolatedDecoding()
_, blocks = decoding.open_sound(Path(sys.argv[1]))
next(blocks)
print(decoding.helper_pid, flush=True)
sys.stdin.read()
"""


class TestTheEnd:
    @pytest.mark.parametrize("how", ["killed", "ended", "closed"])
    def test_nothing_outlives_the_server(self, tmp_path, how):
        path = write_wav(tmp_path / "long.wav", np.zeros((16_000 * 300, 1)), 16_000)
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[3],
        )
        with server:
            assert server.stdout is not None
            helper = int(server.stdout.readline())
            family = [helper, *children(helper)]
            assert len(family) == 2
            if how == "killed":
                server.kill()
            elif how == "ended":
                server.send_signal(signal.SIGTERM)
            else:
                server.communicate("")
            server.wait()
        wait_until(lambda: not any(map(alive, family)), f"{family} have not ended")


FORKING = """
import os, sys
from pathlib import Path
from media.decoding.isolated import IsolatedDecoding

decoding, path = IsolatedDecoding(), Path(sys.argv[1])
_, blocks = decoding.open_sound(path)
count = len(next(blocks))
pid = os.fork()
if not pid:
    _, own = decoding.open_sound(path)
    sys.exit(0 if sum(map(len, own)) == 16_000 * 60 else 1)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
count += sum(map(len, blocks))
assert count == 16_000 * 60, count
"""


def test_a_forked_process_starts_its_own_helper_and_leaves_the_other_alone(tmp_path):
    """A GPU that is lent for one job is lent to a process that is forked from the page's."""
    path = write_wav(tmp_path / "long.wav", np.zeros((16_000 * 60, 1)), 16_000)
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", FORKING, str(path)], cwd=root, check=True)


FORKING_MEANWHILE = """
import os, signal, sys, threading
from pathlib import Path
from media.decoding.isolated import IsolatedDecoding
from tests.media.decoding.processes import wait_until

folder = Path(sys.argv[1])
decoding = IsolatedDecoding(work="tests.media.decoding.clumsy_work")
held = threading.Thread(target=decoding.open_picture, args=(folder / "held.bin", 100))
held.start()
wait_until((folder / "asked").exists, "the first picture is not asked for")
pid = os.fork()
if not pid:
    signal.alarm(30)  # ends a process that waits for what no thread of its own holds
    sys.exit(0 if decoding.open_picture(folder / "large.bin", 100).upload_size == (5000, 5000) else 1)
ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
(folder / "go").touch()
held.join()
assert ended == 0, ended
"""


def test_a_process_that_is_forked_while_a_thread_decodes_a_large_picture(tmp_path):
    (tmp_path / "held.bin").write_text("held")
    (tmp_path / "large.bin").write_text("large")
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", FORKING_MEANWHILE, str(tmp_path)], cwd=root, check=True)


CLOSING = """
import os, signal, sys
from pathlib import Path
from media.decoding.isolated import IsolatedDecoding
from tests.media.decoding.processes import children, wait_until

decoding = IsolatedDecoding()
_, blocks = decoding.open_sound(Path(sys.argv[1]))
next(blocks)
pid = os.fork()
if not pid:
    signal.pause()
try:
    blocks.close()
    wait_until(lambda: not children(decoding.helper_pid), "the decoder goes on")
finally:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
"""


def test_a_voice_that_is_closed_ends_its_child_whatever_was_forked_meanwhile(tmp_path):
    path = write_wav(tmp_path / "long.wav", np.zeros((16_000 * 600, 1)), 16_000)
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", CLOSING, str(path)], cwd=root, check=True)
