"""The measured speed is the processor's own, not that of a busy moment."""

from __future__ import annotations

from studio.processor import AGAIN_AFTER, USUAL, ProcessorSpeed, measure_core, processor_speed


def speeds(*measured: float | None) -> ProcessorSpeed:
    """One that measures these, one after the other, each when enough time has passed."""
    found = iter(measured)
    times = iter(range(1000))
    return ProcessorSpeed(measure=lambda: next(found), clock=lambda: next(times) * AGAIN_AFTER)


def test_a_busy_moment_is_not_kept() -> None:
    speed = speeds(2.0, 40.0, 3.0)
    busy, usual, busy_again = speed.now(), speed.now(), speed.now()
    assert usual == 20 * busy
    assert busy_again == usual


def test_it_is_measured_again_only_after_a_while() -> None:
    count = 0

    def measure() -> float:
        nonlocal count
        count += 1
        return 10.0

    speed = ProcessorSpeed(measure=measure, clock=lambda: 5.0)
    assert speed.now() == speed.now()
    assert count == 1


def test_a_failed_measurement_gives_the_default() -> None:
    speed = speeds(None, 2 * USUAL)
    assert 2 * speed.now() == speed.now()


def test_this_machine_multiplies() -> None:
    core = measure_core()
    assert core is not None
    assert 0.1 < core < 10_000
    assert processor_speed() > 0
