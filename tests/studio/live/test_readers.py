"""Who reads a session's frames."""

from __future__ import annotations

import pytest

from media.errors import LiveError
from media.portrait import Portrait
from tests.studio.live.sessions import opened, run


def test_one_reader_at_a_time(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            await anext(reader)
            with pytest.raises(LiveError, match="One reader"):
                await anext(session.run())
            assert (await anext(reader)).frame_index == 1

    run(story)
