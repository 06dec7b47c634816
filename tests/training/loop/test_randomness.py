from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.loop.randomness import sample_generator, slots, step_generator, torch_seed

SMALL = st.integers(1, 6)


@given(batch=SMALL, processes=SMALL, parts=SMALL)
def test_every_slot_is_taken_once_and_in_the_order_of_one_process(
    batch: int, processes: int, parts: int
) -> None:
    for part in range(parts):
        taken = [slot for process in range(processes) for slot in slots(batch, processes, process, part)]
        assert taken == list(slots(batch * processes, 1, 0, part))
    every = [slot for part in range(parts) for slot in slots(batch * processes, 1, 0, part)]
    assert every == list(range(batch * processes * parts))


@given(seed=st.integers(0, 2**31 - 1), step=st.integers(1, 10**6), slot=st.integers(0, 10**4))
def test_draws_depend_on_the_place_alone(seed: int, step: int, slot: int) -> None:
    draws = [
        sample_generator(seed, step, slot).random(),
        sample_generator(seed, step, slot + 1).random(),
        sample_generator(seed, step + 1, slot).random(),
        step_generator(seed, step).random(),
        step_generator(seed, step + 1).random(),
    ]
    assert len(set(draws)) == len(draws)
    assert draws[0] == sample_generator(seed, step, slot).random()
    assert 0 <= torch_seed(seed, step, slot) < 2**63
    assert torch_seed(seed, step, slot) != torch_seed(seed, step, slot + 1)
