from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from studio.live.webrtc.pictures import PictureConverter, sent_size
from studio.live.webrtc.tracks import WebRtcPictureTrack
from tests.studio.live.webrtc.viewer import number_in, numbered

QUIET = np.zeros(1920, np.int16)


def sent(frames: list, fps: int = 25) -> list[tuple[int, int]]:
    """The time and the number of each picture that an encoder gets which is always in time."""

    async def story() -> list[tuple[int, int]]:
        track, found = WebRtcPictureTrack(fps), []
        for frame in frames:
            track.show(frame)
            reading = asyncio.ensure_future(track.recv())
            # An encoder that waits gets the picture of this frame, or none until the next one.
            if track.has_news:
                picture = await reading
                found.append((picture.pts, number_in(picture)))
            else:
                reading.cancel()
        return found

    return asyncio.run(story())


def test_each_new_picture_is_sent_with_the_time_of_its_frame() -> None:
    assert sent([numbered(index, QUIET) for index in (3, 4, 5)]) == [(10800, 3), (14400, 4), (18000, 5)]
    assert [time for time, _ in sent([numbered(index, QUIET) for index in range(3)], 24)] == [0, 3750, 7500]


def test_a_picture_that_stays_the_same_or_is_left_out_is_sent_again_at_rest() -> None:
    first = numbered(9, QUIET)
    still = [replace(first, frame_index=9 + index, changed=not index) for index in range(25)]
    assert sent(still) == [(3600 * index, 9) for index in (9, 19, 29)]
    dropped = [replace(frame, rgb_image=None, changed=False) for frame in still[1:]]
    assert sent([first, *dropped]) == sent(still)
    # Until there is a picture, there is nothing to send.
    assert sent(dropped) == []


def test_an_encoder_that_is_late_gets_the_newest_picture_only() -> None:
    async def story() -> None:
        track = WebRtcPictureTrack(25)
        for index in range(5):
            track.show(numbered(index, QUIET))
        assert number_in(await track.recv()) == 4
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((512, 512), (512, 512)),
        ((511, 333), (510, 332)),
        ((1280, 1280), (720, 720)),
        ((1920, 1080), (720, 404)),
        ((3000, 2), (720, 2)),
    ],
)
def test_a_picture_is_sent_in_even_numbers_and_not_too_large(
    given: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert sent_size(*given) == expected
    picture = PictureConverter(25).convert(np.zeros((given[1], given[0], 3), np.uint8), 0)
    assert (picture.width, picture.height) == expected


def test_colours_are_those_that_a_decoder_of_vp8_expects() -> None:
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]], np.uint8)
    image = np.repeat(np.repeat(colours[None], 16, axis=0), 16, axis=1)
    planes = PictureConverter(25).convert(image, 0).to_ndarray()
    # BT.601 with 16 to 235, as in ITU-R BT.601-7, 2.5.3.
    assert np.abs(planes[4, 8:80:16].astype(int) - [81, 145, 41, 235, 16]).max() <= 2


@pytest.mark.parametrize("size", [(64, 48), (800, 640)])
def test_a_colour_is_the_mean_of_the_pixels_that_share_it(size: tuple[int, int]) -> None:
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    image[:, ::2] = 255, 0, 0
    image[:, 1::2] = 0, 0, 255
    frame = PictureConverter(25).convert(image, 0)
    colours = frame.to_ndarray()[frame.height :].reshape(2, -1)
    # Half of red's and half of blue's; the rim of a picture that is made smaller is left out.
    blue, red = np.median(colours, axis=1)
    assert abs(blue - (90 + 240) / 2) <= 2
    assert abs(red - (240 + 110) / 2) <= 2


def test_pictures_of_other_sizes_may_follow_each_other() -> None:
    converter = PictureConverter(25)
    for width, height in ((64, 48), (48, 64), (64, 48)):
        image = np.full((height, width, 3), width, np.uint8)
        frame = converter.convert(image, 0)
        assert (frame.width, frame.height) == (width, height)
        assert abs(int(frame.to_ndarray()[0, 0]) - (16 + width * 219 / 255)) <= 1


def test_a_picture_is_the_same_whatever_was_sent_before_it() -> None:
    rng = np.random.default_rng(0)
    for width, height in ((64, 48), (62, 46), (20, 700)):
        image = rng.integers(0, 256, (height, width, 3), np.uint8)
        converter = PictureConverter(25)
        converter.convert(image, 0)
        for _ in range(20):
            image = image.copy()
            (x0, x1), (y0, y1) = (sorted(rng.integers(0, side + 1, 2)) for side in (width, height))
            image[y0:y1, x0:x1] = rng.integers(0, 256, (y1 - y0, x1 - x0, 3), np.uint8)
            alone = PictureConverter(25).convert(image, 0).to_ndarray()
            np.testing.assert_array_equal(converter.convert(image, 0).to_ndarray(), alone)
