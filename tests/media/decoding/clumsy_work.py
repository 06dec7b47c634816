"""A child that does what a word in its file says: all the ways in which a decoder can fail.

A file that holds no such word is decoded as usual. Nothing here is a real fault of any software.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media.decoding import work as usual
from media.decoding.messages import Channel

HELD: list[bytes] = []
ASKED: list[Path] = []


def work(channel: Channel) -> None:
    """As `media.decoding.work.work`."""
    request, body = channel.receive(most=1 << 30)
    word = (body or Path(request["path"]).read_bytes())[:20].decode("ascii", "replace").strip()
    ASKED.append(Path(request["path"] or ""))
    usual.accept_limits(request["memory_mb"], request["processor_seconds"])
    do = CLUMSY.get(word)
    if do is None:
        usual.answer(channel, usual.DOING[request["do"]], request, body)
    else:
        usual.answer(channel, lambda channel, request, _: do(channel), request, body)


def _begun(channel: Channel) -> None:
    about = {"rate": 16_000, "channels": 1, "layout": "mono", "codec": "x", "claimed_duration": None}
    about |= {"positions": ["FC"], "start": 0.0, "track": 1, "tracks": 1, "generated": "", "notes": []}
    channel.send({"kind": "sound", "about": about | {"notes": []}})
    channel.send({"kind": "block", "samples": 100}, bytes(400))


def _crash(_: Channel) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _crash_later(channel: Channel) -> None:
    _begun(channel)
    _crash(channel)


def _hang_later(channel: Channel) -> None:
    _begun(channel)
    time.sleep(600)


def _spin(_: Channel) -> None:
    while True:
        pass


def _grow(_: Channel) -> None:
    while True:
        HELD.append(bytes(10_000_000))


def _write(_: Channel) -> None:
    ASKED[0].with_name("written").write_bytes(b"x" * 100)


def _tell_environment(channel: Channel) -> None:
    raise ValueError(" ".join(sorted(os.environ)))


def _tell_files(channel: Channel) -> None:
    raise ValueError(str(len(list(Path("/proc/self/fd").iterdir()))))


def _tell_core(channel: Channel) -> None:
    import resource

    raise ValueError(str(resource.getrlimit(resource.RLIMIT_CORE)))


def _lie(**header: Any) -> Callable[[Channel], None]:
    return lambda channel: channel.send(header)


def _lie_of_a_picture(body: bytes = b"", **header: Any) -> Callable[[Channel], None]:
    def lie(channel: Channel) -> None:
        channel.send({"kind": "size", "size": [9, 9]})
        channel.receive(most=0)
        channel.send({"kind": "picture"} | header, body)

    return lie


def _large(channel: Channel) -> None:
    """Answer with a picture, and fail if another of its kind does so at the same time."""
    channel.send({"kind": "size", "size": [5000, 5000]})
    channel.receive(most=0)
    alone = ASKED[0].with_name("alone")
    alone.touch(exist_ok=False)
    sum(range(500_000))
    alone.unlink()
    about = {"scale": 1.0, "upload_size": [5000, 5000], "notes": []}
    channel.send({"kind": "picture", "shape": [64, 64, 3], "about": about}, bytes(64 * 64 * 3))


def _held(channel: Channel) -> None:
    """Report the request for a large picture by a file, and answer once another file exists."""
    channel.send({"kind": "size", "size": [5000, 5000]})
    channel.receive(most=0)
    ASKED[0].with_name("asked").touch()
    while not ASKED[0].with_name("go").exists():
        time.sleep(0.01)
    about = {"scale": 1.0, "upload_size": [5000, 5000], "notes": []}
    channel.send({"kind": "picture", "shape": [64, 64, 3], "about": about}, bytes(64 * 64 * 3))


def _crash_after_a_frame(channel: Channel) -> None:
    channel.send({"kind": "frame", "time": 0.0, "shape": [4, 4, 3]}, bytes(48))
    _crash(channel)


def _lie_of_a_performance(body: bytes = b"", **header: Any) -> Callable[[Channel], None]:
    about = {"kind": "performance", "frames": 2, "rate": "1", "notes": [], "has": [], "turns": None}
    return lambda channel: channel.send(about | header, body)


CLUMSY: dict[str, Callable[[Channel], None]] = {
    "crash": _crash,
    "crash later": _crash_later,
    "crash frame": _crash_after_a_frame,
    "flat": lambda channel: channel.send({"kind": "frame", "time": 0.0, "shape": [4, -4, 3]}, bytes(48)),
    "no moments": lambda channel: channel.send({"kind": "times"}, bytes(13)),
    "no facts of a video": lambda channel: channel.send({"kind": "video"}, b"{}"),
    "no source": lambda channel: channel.send({"kind": "source"}, b'{"fps": "1/0"}'),
    "huge source": lambda channel: channel.send({"kind": "source"}, b'{"fps": "1e999999999"}'),
    "short frame": lambda channel: channel.send({"kind": "frame", "tick": 0}, bytes(5)),
    "no tick": lambda channel: channel.send({"kind": "frame", "tick": "first"}, bytes(5)),
    "no line": lambda channel: channel.send({"kind": "cue"}, b"[]"),
    "no frames": _lie_of_a_performance(frames=0),
    "short curves": _lie_of_a_performance(bytes(5)),
    "wild curves": _lie_of_a_performance(b"\x7f" * (2 * (8 + 4 * 61))),
    "wild rate": _lie_of_a_performance(bytes(2 * (8 + 4 * 61)), rate="1/0"),
    "wild template": _lie_of_a_performance(b"\x7f" * (2 * 4 * 76), has=None, turns=9),
    "exit": lambda _: sys.exit(3),
    "quiet": lambda _: None,
    "hang": lambda _: time.sleep(600),
    "hang later": _hang_later,
    "spin": _spin,
    "grow": _grow,
    "write": _write,
    "environment": _tell_environment,
    "files": _tell_files,
    "core": _tell_core,
    "large": _large,
    "held": _held,
    "flood": _lie_of_a_picture(bytes(20_000_000)),
    "flood early": lambda channel: channel.send({"kind": "size", "size": [9, 9]}, bytes(20_000_000)),
    "no size": _lie(kind="size", size=["a", "b"]),
    "no shape": _lie_of_a_picture(),
    "wide": _lie_of_a_picture(shape=[-4, 900_000, 3]),
    "no facts": _lie_of_a_picture(bytes(12_288), shape=[64, 64, 3], about={"scale": "wide"}),
    "no number": _lie_of_a_picture(
        bytes(12_288), shape=[64, 64, 3], about={"scale": float("nan"), "upload_size": [9, 9], "notes": []}
    ),
    "nonsense": _lie(kind="sound", about={"rate": "fast", "channels": 10**9}),
    "other": _lie(kind="os.system"),
    "false error": _lie(kind="error", error="Channel", text="x"),
    "error": _lie(kind="error", error="PortraitError", text="ends \x1b[31m here" + "x" * 50_000),
}
