"""Runs workers as plain processes of this machine if Ray is not installed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection

from training.prepare.work import ItemOutcome, PreparationPlan, PreparationWorker, Task


def prepare_in_processes(
    plan: PreparationPlan, tasks: Sequence[Task], workers: int
) -> Generator[ItemOutcome]:
    """Prepare videos in `workers` processes; yields outcomes as they arrive.

    If a process dies, the others are ended and their unfinished videos are begun again. Closing the generator
    ends them at once, and so does the end of this process.
    """
    waiting = list(reversed(tasks))
    context = multiprocessing.get_context("spawn")
    while waiting:
        lifeline, held = context.Pipe(duplex=False)
        with lifeline, ProcessPoolExecutor(workers, context, _live_while, (lifeline,)) as pool:
            at_work: dict[Future[ItemOutcome], Task] = {}
            try:
                while waiting or at_work:
                    while waiting and len(at_work) < workers:
                        task = waiting.pop()
                        with _interrupts_held():
                            at_work[pool.submit(_prepare, plan, task)] = task
                    finished, _ = wait(at_work, return_when=FIRST_COMPLETED)
                    for future in finished:
                        outcome = future.result()
                        del at_work[future]
                        yield outcome
            except BrokenProcessPool:
                waiting += at_work.values()
            finally:
                held.close()
                # Waits for the pool's thread: as Python exits, it would wake a thread that is just ending.
                pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Block the signals that end a command; processes that are started meanwhile block them for as long as
    they live.

    Ctrl-C in a terminal reaches every process of a command, and the first one decides which of them end.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live_while(lifeline: Connection) -> None:
    """End this worker when the other end of the pipe is closed, whatever it is doing."""

    def wait() -> None:
        lifeline.poll(None)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _prepare(plan: PreparationPlan, task: Task) -> ItemOutcome:
    return _worker(plan).prepare(task)


@cache
def _worker(plan: PreparationPlan) -> PreparationWorker:
    return PreparationWorker(plan)
