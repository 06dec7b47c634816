from __future__ import annotations

import _codecs
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.weights.pickles import read_pickle
from media.documents.pickle_machine import PickleMachine
from media.errors import DocumentError, InputError, WeightsError

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Call:
    """Pickles as a call that is made when it is opened."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def write(path: Path, value: Any, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol))
    return path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_numbers_text_and_arrays_are_read(tmp_path: Path, protocol: int) -> None:
    value: dict[str, Any] = {
        "mean_exp": np.arange(6, dtype=np.float32).reshape(1, 6),
        "count": np.int64(3),
        "list": [1, 2.5, True, None, "text", b"bytes"],
        "tuple": (np.zeros((0, 3)), OrderedDict(a=1)),
    }
    read = read_pickle(write(tmp_path / "t.pkl", value, protocol))
    np.testing.assert_array_equal(read["mean_exp"], value["mean_exp"])
    assert read["mean_exp"].dtype == np.float32
    assert read["list"] == value["list"]
    assert read["count"] == 3


def test_names_of_numpy_1_and_2_are_both_known(tmp_path: Path) -> None:
    content = pickle.dumps(np.arange(3), 2)
    module = b"numpy._core.multiarray" if b"numpy._core" in content else b"numpy.core.multiarray"
    for name in (b"numpy._core.multiarray", b"numpy.core.multiarray"):
        path = tmp_path / "t.pkl"
        path.write_bytes(content.replace(module, name))
        np.testing.assert_array_equal(read_pickle(path), [0, 1, 2])


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (Call(os.system, "touch {}"), r"(posix|nt)\.system"),
        (Call(eval, "open({!r}, 'w')"), r"eval"),
        (Call(exec, "open({!r}, 'w')"), r"exec"),
        (Call(open, "{}", "w"), r"open"),
        (Call(getattr, Path, "home"), r"getattr"),
        (Call(np.ndarray.tofile, np.zeros(3), "{}"), r"getattr"),
        (Call(np.load, "{}"), r"numpy.*load"),
        (Call(__import__, "antigravity"), r"__import__"),
        (Call, r"Call"),
        (os.system, r"(posix|nt)\.system"),
    ],
    ids=["system", "eval", "exec", "open", "getattr", "method", "load", "import", "class", "function"],
)
def test_a_harmful_pickle_is_refused_by_name(tmp_path: Path, harm: Any, named: str, protocol: int) -> None:
    mark = tmp_path / "harmed"
    if isinstance(harm, Call):
        function, arguments = harm.call
        harm = Call(function, *(a.format(str(mark)) if isinstance(a, str) else a for a in arguments))
    path = write(tmp_path / "t.pkl", {"fine": np.zeros(3), "x": [harm]}, protocol)
    with pytest.raises(InputError, match=named) as caught:
        read_pickle(path)
    assert "was not opened" in str(caught.value)
    assert not mark.exists()


def test_an_unrelated_function_is_refused(tmp_path: Path) -> None:
    for value in (np.ndarray, np.dtype("f4"), np.array([1, "a"], dtype=object), {np.float32: 1}):
        with pytest.raises(WeightsError):
            read_pickle(write(tmp_path / "t.pkl", value))


def test_other_codecs_are_not_looked_up(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="zip"):
        read_pickle(write(tmp_path / "t.pkl", Call(_codecs.encode, "a", "zip")))


def test_references_to_elsewhere_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.pkl"
    path.write_bytes(b"Pabout\n.")
    with pytest.raises(WeightsError, match="outside the file"):
        read_pickle(path)


@pytest.mark.parametrize("content", [b"", b"abc", b"\x80\x04", pickle.dumps(np.zeros(99))[:80], b"." * 9])
def test_a_damaged_pickle_is_reported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.pkl"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"t\.pkl is damaged"):
        read_pickle(path)


def test_a_pickle_within_itself_ends(tmp_path: Path) -> None:
    knot: list[Any] = [1]
    knot.append(knot)
    assert read_pickle(write(tmp_path / "t.pkl", knot))[0] == 1


def test_names_are_found_without_opening() -> None:
    content = pickle.dumps([os.system, eval], 2) + pickle.dumps([np.zeros(2), os.system, os.system], 4)
    machine = PickleMachine(content + b"and the rest")
    machine.load()
    machine.load()
    with pytest.raises(DocumentError):
        machine.load()
    names = machine.names
    assert f"{os.system.__module__}.system" in names
    assert "__builtin__.eval" in names
    assert "numpy.ndarray" in names


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x80\x02Nr\xff\xff\xff\x00.", None),  # a place far away costs nothing here
        (pickle.dumps(np.zeros(9), 4).replace(b"K\x09", b"K\x0a", 1), "in 72 bytes"),
        (b"\x80\x02" + b"(" * 3 + b".", "damaged"),
        (b"\x80\x02]" + b"]" * 100 + b"a" * 100 + b".", "nested levels"),
        (b"\x80\x09N.", "protocol 9"),
    ],
)
def test_claimed_sizes_are_compared_with_the_file(tmp_path: Path, content: bytes, said: str | None) -> None:
    path = tmp_path / "t.pkl"
    path.write_bytes(content)
    if said is None:
        assert read_pickle(path) is None
    else:
        with pytest.raises(WeightsError, match=said):
            read_pickle(path)


def test_references_that_repeat_are_counted(tmp_path: Path) -> None:
    value: list[Any] = [1] * 9
    for _ in range(12):
        value = [value] * 9
    with pytest.raises(WeightsError, match="references repeat"):
        read_pickle(write(tmp_path / "t.pkl", value))


def test_a_pickle_of_too_many_instructions_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.pkl", list(range(1000)))
    with pytest.raises(WeightsError, match="more than 100 instructions"):
        read_pickle(path, most_steps=100)


def test_a_mapping_cannot_be_a_key(tmp_path: Path) -> None:
    path = tmp_path / "t.pkl"
    path.write_bytes(b"\x80\x02}ccollections\nOrderedDict\n)RK\x01s.")
    with pytest.raises(WeightsError, match="a key of a mapping"):
        read_pickle(path)
