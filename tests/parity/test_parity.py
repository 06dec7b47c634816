"""The compact copies of the original's numbers, checked with every run of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers.initialization import TORCH_INIT_FUNCTIONS

from tests.parity.context import Context
from tests.parity.parts import checks, engine_of, slow
from tests.parity.runner import run

FOLDERS = sorted((Path(__file__).parent / "goldens").iterdir())
FILES = [path for folder in FOLDERS for path in sorted(folder.glob("golden_*.npz"))]
QUICK = [path for path in FILES if path.stem.removeprefix("golden_") not in slow()]
LARGEST = 10 * 2**20


@pytest.fixture(scope="module")
def contexts() -> Iterator[dict[Path, Context]]:
    """One context per folder, so that networks are filled once."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("kaiming_uniform_", "normal_", "uniform_", "xavier_uniform_"):
            patch.setattr(torch.nn.init, name, _left_empty)
            patch.setitem(TORCH_INIT_FUNCTIONS, name, _left_empty)  # those of transformers' networks
        yield {folder: Context(folder) for folder in FOLDERS}
    torch.set_num_threads(threads)


def _left_empty(weights: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    """No random numbers for weights that the next step replaces with the golden ones."""
    return weights


@pytest.mark.parametrize("path", QUICK, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_ours_are_the_originals_numbers(path: Path, contexts: dict[Path, Context]) -> None:
    (outcome,) = run(contexts[path.parent], checks(engine_of(path.parent)), (path.stem,))
    assert outcome.ok, outcome.line()


def test_every_check_has_its_numbers() -> None:
    assert {path.stem.removeprefix("golden_") for path in FILES} == set(checks())


def test_the_copies_are_small() -> None:
    assert sum(path.stat().st_size for path in FILES) < LARGEST
