"""Workers as plain processes of this machine, for where Ray is not installed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cache

from training.prepare.work import ItemOutcome, PreparationPlan, PreparationWorker, Task


def prepare_in_processes(
    plan: PreparationPlan, tasks: Sequence[Task], workers: int
) -> Generator[ItemOutcome]:
    """Prepare videos in so many processes; outcomes as they come.

    When a process dies, the others are ended and what they were at is begun again.
    """
    waiting = list(reversed(tasks))
    while waiting:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            at_work: dict[Future[ItemOutcome], Task] = {}
            try:
                while waiting or at_work:
                    while waiting and len(at_work) < workers:
                        task = waiting.pop()
                        at_work[pool.submit(_prepare, plan, task)] = task
                    finished, _ = wait(at_work, return_when=FIRST_COMPLETED)
                    for future in finished:
                        outcome = future.result()
                        del at_work[future]
                        yield outcome
            except BrokenProcessPool:
                waiting += at_work.values()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _prepare(plan: PreparationPlan, task: Task) -> ItemOutcome:
    return _worker(plan).prepare(task)


@cache
def _worker(plan: PreparationPlan) -> PreparationWorker:
    return PreparationWorker(plan)
