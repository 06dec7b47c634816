"""The preset and the settings of a finished video restore what it was made with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media.errors import InputError, OptionError
from studio.downloads import preset_yaml, settings_json
from studio.events import Result
from studio.options import make_options
from studio.second_voice import who_speaks
from studio.settings_files import LARGEST, read_settings_file
from studio.spoken_text import SpokenText
from tests.studio.test_history import make_result

ENGINES = ["preview", "joyvasa"]


@pytest.mark.parametrize(("engine", "values"), [("preview", {"fps": 30}), ("joyvasa", {"cfg_scale": 2.5})])
def test_what_a_video_offers_restores_it(engine: str, values: dict[str, Any]) -> None:
    options = make_options(engine, values)
    result = replace(make_result("a", Path("a.mp4")), engine=engine, options=options.model_dump(), seed=7)
    spoken = SpokenText(text="Hello", engine="espeak", language="en", speed=1.5)
    found = read_settings_file(f"{engine}-seed7.yaml", preset_yaml(result).encode(), ENGINES)
    assert (found.engine, found.options, found.seed, found.spoken) == (engine, options, 7, None)
    found = read_settings_file("joystudio-me-seed7.JSON", settings_json(result, spoken).encode(), ENGINES)
    assert (found.engine, found.options, found.seed, found.spoken) == (engine, options, 7, spoken)
    assert read_settings_file("a.json", settings_json(result).encode(), ENGINES).spoken is None


def test_settings_say_who_speaks_and_presets_do_not() -> None:
    second = {"start": 1.5, "face_index": 2, "channels": False}
    options = make_options("preview", {}).model_dump()
    one = replace(make_result("a", Path("a.mp4")), engine="preview", options=options)
    two = replace(one, second_voice=second)
    for made in (one, two):
        found = read_settings_file("a.json", settings_json(made).encode(), ENGINES)
        assert found.says_who_speaks
        assert found.second_voice == made.second_voice
        assert Result.from_json(made.as_json()).second_voice == made.second_voice
    assert not read_settings_file("a.yaml", preset_yaml(two).encode(), ENGINES).says_who_speaks
    for facts, who in (
        (None, "one"),
        (second, "at"),
        (second | {"start": 0.0}, "together"),
        (second | {"start": None}, "after"),
        (second | {"start": None, "channels": True}, "channels"),
    ):
        assert who_speaks(facts) == who


def test_presets_without_an_engine_go_to_the_only_one_that_fits() -> None:
    former = "# joyvasa\ndescription: Taken from a video of seed 0.\noptions:\n  fps: 25\n"
    assert read_settings_file("a.yaml", former.encode(), ENGINES).engine == "joyvasa"
    assert read_settings_file("a.yml", b"options:\n  cfg_scale: 3.0\n", ENGINES).engine == "joyvasa"
    with pytest.raises(InputError, match="does not say for which engine"):
        read_settings_file("a.yaml", b"options:\n  fps: 25\n", ENGINES)
    with pytest.raises(InputError, match="does not say for which engine"):
        read_settings_file("a.yaml", b"options:\n  fps: 25\n", [])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("woman.png", None, "woman.png.* is neither a preset"),
        ("", "x", "is neither a preset"),
        ("../secret/a.yaml", None, f'"a.yaml" cannot be read, or has more than {LARGEST} bytes'),
        ("a.json", "{", "cannot be read: it is not JSON"),
        ("a.yaml", "a: [", "cannot be read: it is not YAML"),
        ("a.yaml", "!!python/tuple [1, 2]", "cannot be read: it is not YAML"),
        ("a.json", "[1]", "has no `options`"),
        ("a.json", '{"options": 3}', "has no `options`"),
        ("a.json", '{"options": {}, "engine": "preview", "second_voice": [1]}', "takes start in seconds"),
        ("a.json", '{"options": {}, "engine": "unknown"}', "unknown"),
        (
            "a.json",
            '{"options": {"fps": 1000}, "engine": "preview"}',
            "cannot be used. The option fps is 1000",
        ),
        ("a.json", '{"options": {"no": 1}, "engine": "preview"}', "has no option no"),
        ("a.json", '{"options": {}, "engine": "preview", "seed": -1}', "seed is -1"),
        ("a.json", '{"options": {}, "engine": "preview", "spoken": {"text": ""}}', "cannot be used"),
        ("a.json", '{"options": {}, "engine": "preview", "spoken": [1]}', "cannot be used"),
    ],
)
def test_anything_else_is_refused_with_the_reason(name: str, text: str | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_settings_file(name, None if text is None else text.encode(), ENGINES)


def test_values_out_of_range_are_option_errors() -> None:
    with pytest.raises(OptionError):
        read_settings_file(
            "a.json", json.dumps({"engine": "preview", "options": {"fps": 0}}).encode(), ENGINES
        )


def test_a_file_that_is_not_utf8_is_refused_and_one_with_a_mark_is_read() -> None:
    text = "description: \u4e2d\u6587\nengine: preview\noptions:\n  fps: 25\n"
    with pytest.raises(InputError, match="byte 14 is not valid UTF-8; save the file as UTF-8"):
        read_settings_file("a.yaml", text.encode("gbk"), ENGINES)
    assert read_settings_file("a.yaml", text.encode("utf-16"), ENGINES).engine == "preview"
