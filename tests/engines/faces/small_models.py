"""What stands in for the public model files: answers in their form, and the bytes of a small ONNX graph."""

from __future__ import annotations

import numpy as np

from engines.faces.scrfd import INPUT_SIDE, STRIDES

KEYPOINTS = np.array([[-0.5, -0.25], [0.5, -0.25], [0, 0], [-0.375, 0.5], [0.375, 0.5]], np.float32)


def scores(*faces: tuple[int, int, int, float], side: int = INPUT_SIDE) -> list[np.ndarray]:
    """What the detector answers: faces as (level, anchor, distance in strides, score).

    Their five points are KEYPOINTS, in distances from the middle.
    """
    outputs: list[np.ndarray] = []
    for width in (1, 4, 10):
        outputs += [np.zeros((2 * (side // stride) ** 2, width), np.float32) for stride in STRIDES]
    for level, anchor, distance, score in faces:
        outputs[level][anchor] = score
        outputs[level + 3][anchor] = distance
        outputs[level + 6][anchor] = distance * KEYPOINTS.ravel()
    return outputs


def anchor(level: int, x: int, y: int, side: int = INPUT_SIDE) -> int:
    """The first anchor whose centre is at x, y pixels of the detector's square."""
    stride = STRIDES[level]
    return 2 * (y // stride * (side // stride) + x // stride)


def _field(number: int, value: bytes | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    length = len(value)
    size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
    return bytes([number << 3 | 2]) + size + value


def _axes(axes: tuple[bytes | int, ...]) -> bytes:
    return b"".join(_field(1, _field(1 if isinstance(axis, int) else 2, axis)) for axis in axes)


def onnx_graph(
    operator: bytes = b"Identity",
    inputs: tuple[bytes | int, ...] = (b"n", b"c", b"h", b"w"),
    outputs: tuple[bytes | int, ...] = (b"n", b"c", b"h", b"w"),
    attributes: bytes = b"",
) -> bytes:
    """The bytes of an ONNX model of one node, floats `in` to floats `out`; axes have names or lengths."""
    ends = [
        _field(number, _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, _axes(axes)))))
        for number, name, axes in ((11, b"in", inputs), (12, b"out", outputs))
    ]
    node = _field(1, _field(1, b"in") + _field(2, b"out") + _field(4, operator) + attributes)
    graph = node + _field(2, b"g") + b"".join(ends)
    return _field(1, 8) + _field(7, graph) + _field(8, _field(2, 13))
