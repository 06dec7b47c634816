"""`live --vmc` and `--live-link`: what a receiver on this machine gets of a voice."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pylivelinkface import FaceBlendShape, PyLiveLinkFace
from pythonosc.osc_bundle import OscBundle

from cli import main
from commands.live_show import CUSHION, Player
from studio.live import LiveFrame
from studio.live.udp_address import split_address
from tests.test_cli_live import refusal
from tests.test_cli_live_show import FPS, RATE, Screen, Speaker, frame, picture


@contextmanager
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
        yield one


def came(one: socket.socket) -> list[bytes]:
    packets = []
    try:
        while True:
            packets.append(one.recv(65536))
    except BlockingIOError:
        return packets


def address(one: socket.socket) -> str:
    return f"127.0.0.1:{one.getsockname()[1]}"


def test_an_avatar_moves_with_the_voice_in_its_own_time(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    with receiver() as vtuber, receiver() as unreal:
        began = time.monotonic()
        arguments = [portrait_file, "-i", voice_file, "-o", tmp_path / "talk.mkv", "--vmc", address(vtuber)]
        arguments += ["--vmc-shapes", "arkit", "--live-link", address(unreal), "--live-link-name", "Anna"]
        assert main(["live", *map(str, arguments)]) == 0
        took = time.monotonic() - began
        bundles = [list(OscBundle(packet)) for packet in came(vtuber)]
        faces = [PyLiveLinkFace.decode(packet)[1] for packet in came(unreal)]
    assert (tmp_path / "talk.mkv").is_file()
    times = [one.params[0] for bundle in bundles for one in bundle if one.address == "/VMC/Ext/T"]
    assert times == pytest.approx(np.arange(31) / 25)
    assert took > times[-1], "the file was made faster than the voice is heard"
    opened = [
        one.params[1]
        for bundle in bundles
        for one in bundle
        if one.address == "/VMC/Ext/Blend/Val" and one.params[0] == "jawOpen"
    ]
    assert max(opened) > 0.1
    assert {one.name for one in faces} == {"Anna"}
    assert [one.get_blendshape(FaceBlendShape.JawOpen) for one in faces] == pytest.approx(opened)


def test_nothing_has_to_listen(portrait_file: Path, voice_file: Path, tmp_path: Path) -> None:
    with receiver() as gone:
        closed_port = address(gone)
    with receiver() as there:
        arguments = [portrait_file, "-i", voice_file, "-o", tmp_path / "talk.mkv"]
        # A name that has an address of IPv6, too, is that of a program that listens by IPv4.
        arguments += ["--vmc", closed_port, "--live-link", address(there).replace("127.0.0.1", "localhost")]
        assert main(["live", *map(str, arguments)]) == 0
        assert len(came(there)) == 31


def test_curves_are_sent_when_their_frame_is_shown() -> None:
    sent: list[LiveFrame] = []
    speaker = Speaker()
    player = Player(Screen(), speaker, FPS, picture(0), follow=sent.append)
    for number in (1, 2):
        player.add(frame(number, painted=number == 1))
    player.step()
    assert sent == []
    for number in (0, 1):
        speaker.heard = round(CUSHION * RATE) + number * RATE // FPS
        player.step()
    assert [one.frame_index for one in sent] == [1, 2], "also of a frame that was not painted"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--vmc", "127.0.0.1:0"], "port from 1 to 65535"),
        (["--live-link", "127.0.0.1:http"], "such as 127.0.0.1:11111"),
        (["--vmc", "http://127.0.0.1"], "write HOST:PORT"),
        (["--vmc", "::1", "--vmc-shapes", "apple"], "choose vrm or arkit"),
        (["--live-link", "localhost", "--live-link-name", ""], "1 to 100 bytes"),
        (["--vmc", "localhost", "--engine", "joyvasa"], "Choose preview"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_the_portrait_is_read(
    given: list[str], words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert words in refusal(capfd, tmp_path / "none.png", "-i", "a.wav", "-o", tmp_path / "a.mkv", *given)


def test_a_host_that_is_not_known_is_refused_and_no_file_stays(
    portrait_file: Path, voice_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.mkv"
    said = refusal(capfd, portrait_file, "-i", voice_file, "-o", path, "--vmc", "no-such-host.invalid:39539")
    assert "no-such-host.invalid" in said
    assert not path.exists()


def test_an_address_has_a_usual_port() -> None:
    found = [split_address(one, 39539) for one in ("10.0.0.7", "pc:5000", "[::1]:5000", "[::1]", "fe80::1")]
    assert found == [
        ("10.0.0.7", 39539), ("pc", 5000), ("::1", 5000), ("::1", 39539), ("fe80::1", 39539)
    ]  # fmt: skip
