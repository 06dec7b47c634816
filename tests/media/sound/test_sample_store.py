"""The samples of a voice are the same in memory and in a file, and a file takes no memory."""

from __future__ import annotations

import mmap
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import OutputError
from media.sound import sample_store
from media.sound.sample_store import SampleStore, in_parts, release_pages


@given(
    sizes=st.lists(st.integers(0, 300), max_size=12),
    in_memory=st.integers(1, 1000),
    difference=st.integers(-50, 50),
)
def test_samples_come_back_whatever_their_number(sizes: list[int], in_memory: int, difference: int) -> None:
    rng = np.random.default_rng(len(sizes))
    parts = [rng.random(size, np.float32) for size in sizes]
    whole = np.concatenate([*parts, np.empty(0, np.float32)])
    count = max(1, len(whole) + difference)
    store = SampleStore(in_memory)
    for part in parts:
        store.append(part)
    assert len(store) == len(whole)
    samples = store.finish(count)
    store.close()
    expected = np.zeros(count, np.float32)
    expected[: len(whole)] = whole[:count]
    release_pages(samples)
    assert samples.dtype == np.float32
    assert not samples.flags.writeable
    np.testing.assert_array_equal(samples, expected)
    np.testing.assert_array_equal(np.concatenate(list(in_parts(samples))), expected)


def test_a_long_voice_is_read_with_the_memory_of_a_short_one() -> None:
    # In a process of its own: the allocator of one that has done much else keeps what was freed.
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        most, left = alone.submit(_growth).result()
    assert most < 40  # MB; the samples are 115, and five minutes in memory are 19
    assert left < 12


def _growth() -> tuple[float, float]:
    """MB that half an hour takes at most while it is written and read, and after that."""
    store = SampleStore()
    minute = np.random.default_rng(0).random(60 * 16_000, np.float32)
    resident, most = _resident(), 0.0
    for _ in range(30):
        store.append(minute)
        most = max(most, _resident())
    samples = store.finish(30 * len(minute))
    store.close()
    total = 0.0
    for part in in_parts(samples):
        total += float(part[::1000].sum())
        most = max(most, _resident())
    assert total == pytest.approx(30 * float(minute[::1000].sum()), rel=1e-6)
    return most - resident, _resident() - resident


def _resident() -> float:
    """MB of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * mmap.PAGESIZE / 2**20


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            pass

        def close(self) -> None:
            pass

    monkeypatch.setattr(sample_store.tempfile, "TemporaryFile", lambda **how: Full())
    store = SampleStore(10)
    with pytest.raises(OutputError, match="No space left"):
        store.append(np.zeros(11, np.float32))
    store.close()
