"""One request to end is one interrupt, however often it is sent."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from commands.signals import signals_as_interrupts
from studio.ending import ENDING, SAME_WISH, Ending


def test_further_signals_do_not_interrupt_cleaning_up() -> None:
    now, begun = 0.0, []
    ending = Ending(first=lambda: begun.append("end"), clock=lambda: now)
    with pytest.raises(KeyboardInterrupt):
        ending(signal.SIGTERM, None)
    now = SAME_WISH - 0.1
    ending(signal.SIGINT, None)
    ending(signal.SIGHUP, None)
    assert ending.received == [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
    assert begun == ["end"]


def test_a_hanging_program_is_interrupted_again() -> None:
    now = 0.0
    ending = Ending(clock=lambda: now)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            ending(signal.SIGINT, None)
        ending(signal.SIGINT, None)
        now += SAME_WISH


@pytest.fixture
def new_process() -> Iterator[None]:
    """Handlers as a new process has them, whatever other tests left: Ray's start sets its own for SIGTERM."""
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("new_process")
@pytest.mark.parametrize("number", ENDING)
def test_a_command_is_interrupted_once(number: signal.Signals) -> None:
    with signals_as_interrupts() as told:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.raise_signal(number)
    signal.raise_signal(number)  # the program is about to end
    assert told == [number] * 3


@pytest.mark.usefixtures("new_process")
def test_a_command_that_ends_by_itself_changes_nothing() -> None:
    before = [signal.getsignal(each) for each in ENDING]
    with signals_as_interrupts():
        pass
    assert [signal.getsignal(each) for each in ENDING] == before
