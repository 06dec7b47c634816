"""Records of earlier versions, which use another name for `random_weights`, are still read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.gallery.history import read_row
from studio.random_weights import FORMER, KEY, says_random
from tests.studio.test_history import make_result


@pytest.mark.parametrize("name", [KEY, FORMER])
def test_both_spellings_say_it(name: str) -> None:
    assert says_random({name: True})
    assert not says_random({name: False})
    assert not says_random({name: "no"})  # a stranger's comment
    assert not says_random({})


@pytest.mark.parametrize("name", [KEY, FORMER])
def test_a_row_of_the_history_is_read_under_either_name(tmp_path: Path, name: str) -> None:
    told = make_result("aa11", tmp_path / "out.mp4").as_json()
    del told[KEY]
    entry = read_row("2026-01-01T00:00:00+00:00", json.dumps(told | {name: True}), tmp_path)
    assert entry is not None
    assert entry.result.random_weights
