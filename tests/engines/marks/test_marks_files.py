"""Files of marks: keyframes, tables, and words with times between which tags stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from commands.option_flags import typed
from engines.preview.options import PreviewOptions
from media.errors import OptionError, TextError
from studio.batch.listing import read_lines
from studio.options import make_options
from studio.spoken_text import SpokenText

TABLE = "name,seconds,value\n"
WORDS = [
    {"word": " Hi", "start": 0.1, "end": 0.4},
    {"word": " there,", "start": 0.5, "end": 0.9},
    {"word": " you", "start": 1.0, "end": 1.4},
]
CUES = """1
00:00:01,000 --> 00:00:02,000
[happy 0.5] Hello

2
00:00:02,100 --> 00:00:03,000
[sad] and goodbye [/sad]
"""


def keys(given: Any) -> dict[str, Any]:
    """The keys of each track."""
    made = make_options("preview", {"marks": given}).model_dump()["marks"]
    return {track["name"]: track["keys"] for track in json.loads(made)["tracks"]}


def test_a_file_is_read_as_csv_or_json(tmp_path: Path) -> None:
    table, keyframes = tmp_path / "marks.csv", tmp_path / "marks.json"
    table.write_text("Name;Seconds;Value;Ease\njoy;0;0;smooth\njoy;1;0.5;\n\n")
    keyframes.write_text('{"tracks": [{"name": "happy", "ease": "smooth", "keys": [[0, 0], [1, 0.5]]}]}')
    read = [make_options("preview", typed({"marks": str(path)})) for path in (table, keyframes)]
    assert read[0] == read[1] != PreviewOptions()
    assert make_options("preview", {"marks": table.read_text()}) == read[0]
    for text in ("name,value\nhappy,1\n", "name,seconds,value\nhappy,soon,1\n"):
        table.write_text(text)
        with pytest.raises(OptionError, match=r"marks\.csv"):
            typed({"marks": str(table)})
    with pytest.raises(OptionError, match=r"nothing\.csv"):
        typed({"marks": str(tmp_path / "nothing.csv")})


def test_a_table_is_read_as_spreadsheets_write_it() -> None:
    assert keys(TABLE + "Happy,0,0,,\n,,,,\nhappy,1,.5\n") == {"happy": [[0.0, 0.0], [1.0, 0.5]]}
    assert keys("\nvalue;seconds;name;\n0,5;1,25;happy;\n") == {"happy": [[1.25, 0.5]]}
    assert keys("name\tseconds\tvalue\tunit\nheadYaw\t0\t0,1\trad\nheadYaw\t1\t0\t\n") == {
        "headYaw": [[0.0, 5.7296], [1.0, 0.0]]
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TABLE + "happy,0,5,0,3\n", "has 5 cells, and the first line 3"),
        (TABLE + 'happy,"0,5",1\n', "write a number such as 1.5"),
        (TABLE + "happy,,1\n", "nothing in the column seconds"),
        (TABLE + ",1,1\n", "line 2 has no name"),
        (TABLE + "happy,nan,1\n", "write a number"),
        (TABLE + 'happy,"1,1\n', "quotation mark opens"),
        ("name,seconds,seconds,value\nhappy,1,1,1\n", 'both called "seconds"'),
        ("name,seconds,value,colour\nhappy,1,1,red\n", 'column "colour" is not known'),
        ("name,seconds,value,unit\nhappy,1,1,rad\n", 'has the unit "rad"; its values have none'),
        ("name,seconds,value,unit\nheadYaw,1,1,turns\n", "angles are in deg or rad"),
        ("name,seconds,value,ease\nhappy,1,1,step\nhappy,2,1,smooth\n", "one counts for the whole track"),
        ("a text,with a comma\n", "lacks name, seconds, value"),
    ],
)
def test_a_table_that_may_be_misread_is_refused_with_the_line(text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        make_options("preview", {"marks": text})


def test_tags_in_subtitles_change_the_face_from_their_word_on() -> None:
    happy = [[1.0, 0.0], [1.4, 0.5], [2.1, 0.5], [2.5, 0.0]]
    sad = [[2.1, 0.0], [2.5, 1.0], [3.0, 1.0], [3.4, 0.0]]
    assert keys(CUES) == {"happy": happy, "sad": sad}
    assert keys("WEBVTT\n\n" + CUES.replace(",000", ".000").replace(",100", ".100")) == keys(CUES)


def test_tags_among_the_words_of_a_transcript_have_their_times() -> None:
    expected = {"happy": [[0.5, 0.0], [0.9, 1.0], [1.0, 1.0], [1.4, 0.0]]}
    text = "Hi [happy] there, [neutral] you"
    whisper = {"language": "en", "segments": [{"start": 0, "end": 2, "text": text, "words": WORDS}]}
    in_words = [WORDS[0], WORDS[1] | {"word": " [happy] there,"}, WORDS[2] | {"word": "[/happy] you"}]
    for given in (
        whisper,
        json.dumps(whisper),
        in_words,
        {"text": text, "words": WORDS},
        {"segments": [{"start": 0, "end": 2, "text": "Hi there, you", "words": in_words}]},
    ):
        assert keys(given) == expected
    chinese = {
        "text": "你好【高兴】世界",
        "words": [{"word": c, "start": i, "end": i + 1} for i, c in enumerate("你好世界")],
    }
    assert keys(chinese) == {"happy": [[2.0, 0.0], [2.4, 1.0]]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("[happy] Hello there, you", r"its tag \[happy\] has no time"),
        (CUES.replace("Hello", "[glad] Hello").replace("[happy 0.5]", "Well"), "between words without times"),
        ({"text": "Hi [sad] there, you", "words": WORDS[:1]}, "between words without times"),
        (CUES.replace("[happy 0.5]", "[Music]"), r"its tag \[Music\] is not an emotion"),
        (CUES.replace("happy 0.5", "happy 5"), r"as in \[happy 0.5\]"),
        (CUES.replace("[", "(").replace("]", ")"), "no tag"),
        ({"words": []}, "no tag"),
        ({"segments": 5}, "no tag"),
        ([{"word": "[happy]", "start": 2, "end": 1}], "correct its times"),
        ([{"word": "[neutral] a", "start": 1, "end": 2}], r"all \[neutral\]"),
        ([{"word": "[sad] a [happy]", "start": 1, "end": 2}] * 251, "over 500 tags"),
    ],
)
def test_a_tag_that_has_no_time_or_no_meaning_is_refused(given: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        make_options("preview", {"marks": given})


def test_a_tag_in_a_text_to_speak_is_refused_and_other_brackets_are_spoken() -> None:
    for text in ("[happy] Hello.", "Hello [sad 0.5] you", "你好【高兴】世界"):
        with pytest.raises(TextError, match="have no times yet"):
            SpokenText(text=text)
    assert SpokenText(text="See page [3] of [the book].").text


def test_a_list_and_the_command_line_take_a_transcript(tmp_path: Path) -> None:
    (tmp_path / "take.srt").write_text(CUES)
    path = tmp_path / "list.jsonl"
    path.write_text(json.dumps({"portrait": "a.png", "voice": "v.wav", "marks": "take.srt"}))
    (line,) = read_lines(path, tmp_path / "out", engine="joyvasa")
    flags = typed({"marks": str(tmp_path / "take.srt")})
    assert line.job is not None
    assert line.job.options == make_options("joyvasa", flags) == make_options("joyvasa", {"marks": CUES})
