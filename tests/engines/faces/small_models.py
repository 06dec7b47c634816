"""What stands in for the public model files: answers in their form, and the bytes of a small ONNX graph."""

from __future__ import annotations

import numpy as np

from engines.faces.scrfd import INPUT_SIDE, STRIDES


def scores(*faces: tuple[int, int, int, float]) -> list[np.ndarray]:
    """What the detector answers: faces as (level, anchor, distance in strides, score)."""
    outputs: list[np.ndarray] = []
    for width in (1, 4, 10):
        outputs += [np.zeros((2 * (INPUT_SIDE // stride) ** 2, width), np.float32) for stride in STRIDES]
    for level, anchor, distance, score in faces:
        outputs[level][anchor] = score
        outputs[level + 3][anchor] = distance
    return outputs


def anchor(level: int, x: int, y: int) -> int:
    """The first anchor whose centre is at x, y pixels of the detector's square."""
    stride = STRIDES[level]
    return 2 * (y // stride * (INPUT_SIDE // stride) + x // stride)


def onnx_identity() -> bytes:
    """The bytes of an ONNX model that gives back its input `in` (1, 3, h, w) as `out`."""

    def field(number: int, value: bytes | int) -> bytes:
        if isinstance(value, int):
            return bytes([number << 3, value])
        return bytes([number << 3 | 2, len(value)]) + value

    tensor = field(
        1, field(1, 1) + field(2, b"".join(field(1, field(2, s)) for s in (b"n", b"c", b"h", b"w")))
    )
    ends = [field(number, field(1, name) + field(2, tensor)) for number, name in ((11, b"in"), (12, b"out"))]
    node = field(1, field(1, b"in") + field(2, b"out") + field(4, b"Identity"))
    graph = node + field(2, b"g") + b"".join(ends)
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))
