"""The encoded pictures and sound of a video, without what its container says around them."""

from __future__ import annotations

from pathlib import Path

import av


def packets(path: Path) -> list[tuple[int, int | None, int | None, bytes]]:
    """Every packet in the file's order: its stream, its two times and its bytes."""
    with av.open(str(path)) as container:
        return [(p.stream_index, p.pts, p.dts, bytes(p)) for p in container.demux() if p.size]
