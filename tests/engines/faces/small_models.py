"""ONNX graphs with the inputs and outputs of the public model files; their answers depend on the image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper, save_model

STRIDES = (8, 16, 32)
KEYPOINTS = np.array([[-0.5, -0.25], [0.5, -0.25], [0, 0], [-0.375, 0.5], [0.375, 0.5]], np.float32)
"""Those of a face that `detector` sees, in distances from its middle."""
TRAINED = np.array([[38, 51], [73, 51], [56, 71], [41, 92], [70, 92]])
"""Whole pixels (x, y) of eyes, nose and mouth corners in the 112 x 112 pixels that a recogniser is shown."""
Axes = Sequence[str | int]


def same(path: Path) -> Path:
    """A model that returns the image that it receives."""
    return _save(path, [helper.make_node("Identity", ["in"], ["out"])], ("n", "c", "h", "w"))


def detector(path: Path, *faces: tuple[int, int, int, float], side: int = 512, outputs: int = 9) -> Path:
    """A detector that sees the same faces in every picture: (level, anchor, distance in strides, score)."""
    answers: list[np.ndarray] = []
    for width in (1, 4, 10):
        answers += [np.zeros((2 * (side // stride) ** 2, width), np.float32) for stride in STRIDES]
    for level, place, distance, score in faces:
        answers[level][place] = score
        answers[level + 3][place] = distance
        answers[level + 6][place] = distance * KEYPOINTS.ravel()
    nodes = [_constant(f"out{number}", answer) for number, answer in enumerate(answers[:outputs])]
    return _save(path, nodes, (1, 3, "h", "w"), [("n", answer.shape[1]) for answer in answers[:outputs]])


def anchor(level: int, x: int, y: int, side: int = 512) -> int:
    """The first anchor whose centre is at x, y pixels of the detector's square."""
    stride = STRIDES[level]
    return 2 * (y // stride * (side // stride) + x // stride)


def red_detector(path: Path) -> Path:
    """A detector that sees a face, 48 pixels wide, in each cell of 8 x 8 that is pure red: score 1.

    Score 0 is grey or black; the cells of the two coarse levels see none.
    """
    weights = np.array([1, -0.5, -0.5], np.float32).reshape(1, 3, 1, 1) * 128 / 255
    nodes = [
        _constant("colour", weights),
        _constant("column", np.array([-1, 1], np.int64)),
        helper.make_node("AveragePool", ["in"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Conv", ["cells", "colour"], ["red"]),
        helper.make_node("Reshape", ["red", "column"], ["scores"]),
        _constant("twice", np.array([1, 2], np.int64)),
        helper.make_node("Tile", ["scores", "twice"], ["pairs"]),
        helper.make_node("Reshape", ["pairs", "column"], ["out0"]),
    ]
    widths = np.repeat([1, 4, 10], 3)
    for number in range(1, 9):
        width, size = widths[number], 2 * (512 // STRIDES[number % 3]) ** 2
        nodes.append(_constant(f"out{number}", np.full((size, width), 3.0 * (number == 3), np.float32)))
    return _save(path, nodes, (1, 3, "h", "w"), [("n", int(width)) for width in widths])


def landmarks(path: Path, count: int = 106) -> Path:
    """Landmarks: alternately the upper left and the lower right corner of the white area."""
    nodes = [
        # The public file normalises pixels itself; the package knows it by the name of its first node.
        helper.make_node("Identity", ["in"], ["data"], name="bn_data"),
        _constant("white", np.float32(128)),
        helper.make_node("Greater", ["data", "white"], ["bright"]),
    ]
    nodes.append(helper.make_node("Cast", ["bright"], ["mask"], to=TensorProto.FLOAT))
    for name, axes in (("columns", [0, 1, 2]), ("rows", [0, 1, 3])):
        nodes.append(helper.make_node("ReduceMax", ["mask"], [name], axes=axes, keepdims=0))
        for end in (0, 1):
            nodes.append(helper.make_node("ArgMax", [name], [f"{name}{end}"], axis=0, select_last_index=end))
    ends = ["columns0", "rows0", "columns1", "rows1"]
    nodes += [
        helper.make_node("Concat", ends, ["pixels"], axis=0),
        helper.make_node("Cast", ["pixels"], ["places"], to=TensorProto.FLOAT),
        _constant("half", np.float32(96)),
        _constant("one", np.float32(1)),
        helper.make_node("Div", ["places", "half"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "one"], ["corners"]),
        _constant("times", np.array([count // 2], np.int64)),
        helper.make_node("Tile", ["corners", "times"], ["all"]),
        _constant("row", np.array([1, -1], np.int64)),
        helper.make_node("Reshape", ["all", "row"], ["out"]),
    ]
    return _save(path, nodes, ("n", 3, 192, 192), [(1, 2 * count)])


def quarters_recogniser(path: Path, numbers: int = 512) -> Path:
    """A recogniser whose first twelve numbers are the colours of the quarters that it is shown, red first."""
    pool = helper.make_node("AveragePool", ["in"], ["seen"], kernel_shape=[56, 56], strides=[56, 56])
    return _recogniser(path, [pool], 12, numbers)


def places_recogniser(path: Path) -> Path:
    """A recogniser whose first fifteen numbers are the colours at the five `TRAINED` places."""
    nodes = [
        helper.make_node("Transpose", ["in"], ["picture"], perm=[2, 3, 0, 1]),
        _constant("places", TRAINED[:, ::-1].astype(np.int64)),
        helper.make_node("GatherND", ["picture", "places"], ["seen"]),
    ]
    return _recogniser(path, nodes, 15)


def _recogniser(path: Path, nodes: list[NodeProto], known: int, numbers: int = 512) -> Path:
    rest = [
        _constant("row", np.array([1, known], np.int64)),
        helper.make_node("Reshape", ["seen", "row"], ["known"]),
        _constant("more", np.array([0, 0, 0, numbers - known], np.int64)),
        helper.make_node("Pad", ["known", "more"], ["out"]),
    ]
    return _save(path, [*nodes, *rest], ("n", 3, 112, 112), [(1, numbers)])


def _constant(name: str, value: np.ndarray | np.generic) -> NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value)))


def _save(
    path: Path, nodes: list[NodeProto], shown: Axes, answers: Sequence[Axes] = (("n", "c", "h", "w"),)
) -> Path:
    """Write a model of one input `in` and of the outputs `out` or `out0`, `out1`, ...; creates the folder."""

    def floats(name: str, axes: Axes) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, axes)

    names = ["out"] if len(answers) == 1 else [f"out{number}" for number in range(len(answers))]
    outputs = [floats(name, axes) for name, axes in zip(names, answers, strict=True)]
    graph = helper.make_graph(nodes, "small", [floats("in", shown)], outputs)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path
