"""Decoding in processes of its own: as it is, and with children that misbehave."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from media.decoding.isolated import IsolatedDecoding
from media.decoding.limits import Limits

LIMITS = Limits(memory_mb=200, seconds=30.0)


@pytest.fixture(scope="module")
def decoding() -> Iterator[IsolatedDecoding]:
    decoding = IsolatedDecoding(LIMITS)
    yield decoding
    decoding.close()


@pytest.fixture(scope="module")
def clumsy() -> Iterator[IsolatedDecoding]:
    """Decodes in children that do what their file says."""
    decoding = IsolatedDecoding(LIMITS, "tests.media.decoding.clumsy_work")
    yield decoding
    decoding.close()
