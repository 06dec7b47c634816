"""Reads VRM animations (.vrma), and glTF files with the same extension: expressions, head and gaze."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from media.documents.quoting import quoted
from media.errors import DocumentError
from media.messages import said
from media.performance.gltf_parts import (
    Accessors,
    Curve,
    entries_of,
    entry_of,
    get,
    is_whole,
    list_of,
    parts_of,
)
from media.performance.performance import (
    MOST_FRAMES,
    MOST_TRACKS,
    Performance,
    steady_rate,
    too_many_frames,
    too_many_tracks,
)
from media.performance.vrm_animation import EXTENSION
from media.performance.vrm_expressions import is_known, values_of
from media.performance.vrm_turns import LOOKS, VrmTurns, turning_nodes

USUAL_RATE = 60


def read_vrm_animation(content: bytes, rate: Fraction | None) -> Performance:
    """The expressions of an animation, and where its head and eyes turn. Raises DocumentError.

    rate: frames per second at which uneven curves are read; None is the file's own, or 60.
    """
    document, binary = parts_of(content)
    found = get(document, "extensions", EXTENSION, "expressions")
    nodes = {
        entry["node"]: name
        for kind in ("preset", "custom")
        for name, entry in entries_of(found, kind)
        if isinstance(entry, dict) and is_whole(entry.get("node"))
    }
    turning = turning_nodes(document)
    if not nodes and not turning:
        raise DocumentError("it has no expressions of the extension {extension}", extension=EXTENSION)
    samplers: dict[str, Any] = {}
    turns: dict[str, Any] = {}
    unknown: set[str] = set()
    for animation in list_of(document, "animations"):
        for channel in list_of(animation, "channels"):
            node, path = get(channel, "target", "node"), get(channel, "target", "path")
            name = nodes.get(node) if is_whole(node) and path == "translation" else None
            turned = turning.get(node) if is_whole(node) and path == "rotation" else None
            if name is not None and not is_known(name):
                unknown.add(name)
            elif name is not None or turned is not None:
                sampler = entry_of(list_of(animation, "samplers"), get(channel, "sampler"))
                if name is not None:
                    samplers[name] = sampler
                elif turned is not None:
                    turns[turned] = sampler
    if not samplers and not turns and not unknown:
        raise DocumentError("its expressions do not move")
    if not samplers and not turns:
        raise DocumentError(
            'none of its names ({count}) is a blend shape of ARKit, such as "jawOpen"', count=len(unknown)
        )
    if len(samplers) > MOST_TRACKS:
        raise too_many_tracks(len(samplers))
    accessors = Accessors(document, binary)
    curves = {name: accessors.curve(one, 1) for name, one in samplers.items()}
    return _sampled(curves, VrmTurns(document, accessors, turns), unknown, rate)


def _sampled(
    curves: dict[str, Curve], turns: VrmTurns, unknown: set[str], rate: Fraction | None
) -> Performance:
    clocks = [times for times, _ in (*curves.values(), *turns.curves.values())]
    if all(np.array_equal(times, clocks[0]) for times in clocks) and rate is None:
        times, rate = clocks[0], steady_rate(clocks[0])
    else:
        rate = rate or Fraction(USUAL_RATE)
        frames = round(max(float(times[-1]) for times in clocks) * rate) + 1
        if frames > MOST_FRAMES:
            raise too_many_frames(frames)
        times = np.arange(frames) / float(rate)
    weights = {
        name: np.interp(times, at, np.clip(rows[:, 0], 0, 1)).astype(np.float32)
        for name, (at, rows) in curves.items()
    }
    values, has, _ = values_of(weights, len(times))
    rotations = turns.rotations(times)
    if turns.looks and not has & LOOKS:
        values += turns.looking(rotations)
        has |= LOOKS
    notes = (
        said(
            "1 expression of the performance is unknown and was left out: {names}."
            if len(unknown) == 1
            else "{count} expressions of the performance are unknown and were left out: {names}.",
            count=len(unknown),
            names=", ".join(quoted(name, 30) for name in sorted(unknown)[:4]),
        ),
    )
    return Performance.of(times, values, rotations, rate=rate, has=has, notes=notes if unknown else ())
