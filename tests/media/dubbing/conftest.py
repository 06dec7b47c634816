"""The video of what breaks dubbing, made and followed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from benchmarks.dub_torture import Torture, example_persons, torture
from media.dubbing.following import FollowedVideo, FollowingOptions, follow_video
from media.dubbing.following_person import read_person

Followed = Callable[[str], FollowedVideo]


@pytest.fixture(scope="session")
def tortured() -> Torture:
    """The frames and what is true of them."""
    return torture(*example_persons())


@pytest.fixture(scope="session")
def followed(tortured: Torture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """The video for a person."""
    with follow_video(tortured.source(), tmp_path_factory.mktemp("following")) as video:
        yield cache(lambda person: video.with_options(FollowingOptions(person=read_person(person))))
