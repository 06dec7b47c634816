"""A dub is described completely before any file is opened, and what contradicts itself is refused."""

from __future__ import annotations

from typing import Any

import pytest

from commands.flag_names import as_flags
from media.errors import OptionError
from studio.dubbing.ignored_options import ignored_note
from studio.dubbing.job import DubJob
from studio.presets import load_preset
from ui.i18n.catalogue import chinese
from ui.i18n.page_form import page_form

GIVEN: dict[str, Any] = {"video": "talk.mp4", "voice": "new.wav"}


def test_a_video_and_a_voice_are_enough() -> None:
    job = DubJob(**GIVEN)
    assert (job.engine, job.sync_mode, job.person) == ("preview", None, "largest")
    assert sorted(job.files) == ["video", "voice"]
    assert hash(job) == hash(DubJob(**GIVEN))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"voice": None}, "voice is missing"),
        ({"spoken": {"text": "Good evening."}}, "Leave one of them out"),
        ({"engine": "joyhallo"}, r"paints whole pictures.*Use preview or joyvasa\."),
        ({"engine": "joyvasa", "options": {"animation_mode": "animal"}}, "only a person"),
        ({"max_turn": 90}, "60"),
        ({"fade": -1}, "fade"),
        ({"sync_mode": "stretch"}, "takes bounce or loop or cut_off"),
        ({"seed": 2**32}, "seed"),
    ],
)
def test_what_cannot_be_dubbed_is_refused_with_the_reason(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        DubJob(**GIVEN | given)


def test_options_without_an_effect_are_named_unless_a_preset_set_them() -> None:
    assert ignored_note(DubJob(**GIVEN, options={"mouth_opening": 1.2, "head_motion": 1.0})) == ()
    (one,) = ignored_note(DubJob(**GIVEN, options={"gaze_x": 0.5}))
    assert as_flags(one) == "The option --gaze-x has no effect on a dub and was ignored."
    calm = load_preset("preview", "calm").values
    assert ignored_note(DubJob(**GIVEN, preset="calm", options=calm)) == ()
    (two,) = ignored_note(DubJob(**GIVEN, preset="calm", options={**calm, "fps": 50, "blink_rate": 3.0}))
    assert as_flags(two).endswith("were ignored: --blink-rate, --fps.")
    assert page_form(two).endswith("were ignored: “Blink rate”, “Frames per second”.")
    assert (chinese(page_form(two)) or "").endswith("已忽略：“眨眼频率”、“每秒帧数”。")
    voiced = DubJob(**GIVEN, engine="joyvasa", options={"smoothing": 0.3})
    assert "smoothing" in ignored_note(voiced)[0]


def test_an_option_out_of_range_has_the_name_that_its_entry_point_gives_it() -> None:
    with pytest.raises(OptionError, match="The option max_turn is 3, but takes 5 to 60") as refused:
        DubJob(**GIVEN, max_turn=3)
    told = refused.value.message
    assert as_flags(told) == "The option --max-turn is 3, but takes 5 to 60."
    assert page_form(told).startswith("The option “Largest turn of the head” is 3")
    assert (chinese(page_form(told)) or "").startswith("选项 “头部最大转角” 的值是 3")
