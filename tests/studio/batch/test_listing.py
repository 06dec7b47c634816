from __future__ import annotations

import json
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.documents.text import MOST_FILLED
from media.errors import InputError, OptionError
from studio.batch.listing import OWN_COLUMNS, JobLine, read_lines
from studio.job import Job


def write(folder: Path, text: str, name: str = "jobs.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def lines_of(folder: Path, text: str, name: str = "jobs.csv") -> list[JobLine]:
    return read_lines(write(folder, text, name), folder / "out", engine="preview", preset="calm")


def test_a_line_says_what_its_video_is(tmp_path: Path) -> None:
    line, other = lines_of(
        tmp_path,
        "portrait,voice,name,seed,preset,engine,head_motion,face_index\n"
        "a.png,sub/b.wav,first,7,lively,preview,0.25,2\n"
        "/x/a.png,~/b.wav,,,,,,\n",
    )
    assert isinstance(line.job, Job)
    assert (line.number, line.name, line.job.seed, line.job.preset, line.job.face_index) == (
        2, "first", 7, "lively", 2
    )  # fmt: skip
    assert line.job.options.model_dump()["head_motion"] == 0.25
    assert line.job.portrait == tmp_path / "a.png"
    assert line.job.voice == tmp_path / "sub" / "b.wav"
    assert line.job.output == tmp_path / "out" / "videos" / "first.mp4"
    assert isinstance(other.job, Job)
    assert other.job.portrait == Path("/x/a.png")
    assert other.job.voice == Path.home() / "b.wav"
    assert (other.name, other.job.preset) == ("a_b", "calm")  # the list's own preset


def test_lines_name_given_files_by_paths_of_any_system(tmp_path: Path) -> None:
    portrait, voice = tmp_path / "0123" / "anna.png", tmp_path / "4567" / "vo\u0308ice.wav"
    text = (
        "portrait,voice\n"
        "C:\\faces\\anna.png,..\\v\u00f6ice.wav\n"
        "faces\\anna.png,v\u00f6ice.wav\n"
        "faces/anna.png,/v\u00f6ice.wav\n"
    )
    lines = read_lines(
        write(tmp_path, text), tmp_path, engine="preview", files={"anna.png": portrait, voice.name: voice}
    )
    assert [line.reason for line in lines] == [""] * 3
    for line in lines:
        assert isinstance(line.job, Job)
        assert (line.job.portrait, line.job.voice) == (portrait, voice)
        assert line.name.startswith("anna_v\u00f6ice")


def test_an_animals_points_are_read(tmp_path: Path) -> None:
    text = 'portrait,voice,anchors\na.png,b.wav,"172,115 319,136 257.5,268"\na.png,b.wav,"1,2 3,4"\n'
    line, bad = lines_of(tmp_path, text)
    assert isinstance(line.job, Job)
    assert line.job.anchors == ((172.0, 115.0), (319.0, 136.0), (257.5, 268.0))
    assert "three points" in bad.reason
    text = '{"portrait": "a.png", "voice": "b.wav", "anchors": [[1, 2], [3, 4], [5, 6]]}'
    (listed,) = lines_of(tmp_path, text, "a.jsonl")
    assert isinstance(listed.job, Job)
    assert listed.job.anchors == ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))


def test_the_preset_of_the_whole_list_is_for_its_engine_only(tmp_path: Path) -> None:
    (line,) = lines_of(tmp_path, "portrait,voice,engine\na.png,b.wav,joyvasa\n")
    assert isinstance(line.job, Job)
    assert (line.job.engine, line.job.preset) == ("joyvasa", None)


def test_a_default_name_that_no_file_can_have_points_to_the_column_name(tmp_path: Path) -> None:
    names = ("a:b", "x" * 195, "photo\u202egnp", "two\nlines", "half-\udcff")
    rows = [{"portrait": f"{name}.png", "voice": "voice.wav"} for name in names]
    lines = lines_of(tmp_path, "\n".join(map(json.dumps, rows)), "a.jsonl")
    reasons = [line.reason for line in lines]
    assert [line.job for line in lines] == [None] * len(names)
    assert reasons[0] == (
        '"a:b_voice" cannot be the name of a file because of the character ":". It is the name made of '
        "portrait and voice: give the line another one in the column name."
    )
    assert (
        "has 201 bytes; a name may have at most 200. It is the name made of portrait and voice" in reasons[1]
    )
    assert 'because of the character "\\u202e"' in reasons[2]
    assert 'because of the character "\\n"' in reasons[3]
    assert "half of a character" in reasons[4]
    named = [row | {"name": f"v{number}"} for number, row in enumerate(rows[:4])]
    lines = lines_of(tmp_path, "\n".join(map(json.dumps, named)), "a.jsonl")
    assert [line.name for line in lines if line.job is not None] == ["v0", "v1", "v2", "v3"]


@pytest.mark.parametrize(
    "name",
    [
        "Screenshot 3.45.12\u202fPM",
        "山田\u3000太郎",
        "می\u200cخواهم",
        "👩\u200d🚀",
        "-rf",
        "=1+1",
        "$(x) `y` '%'",
    ],
)
def test_ordinary_names_of_files_make_names_of_videos(tmp_path: Path, name: str) -> None:
    (line,) = lines_of(tmp_path, json.dumps({"portrait": f"{name}.png", "voice": "v.wav"}), "a.jsonl")
    assert isinstance(line.job, Job), line.reason
    assert line.job.output == tmp_path / "out" / "videos" / f"{name}_v.mp4"


BAD = """portrait,voice,engine,seed,name,preset,head_motion
a.png,b.wav,,,good,,
a.png,,,,,,
a.png,b.wav,nothing,,,,
a.png,b.wav,,-1,,,
a.png,b.wav,,,../up,,
a.png,b.wav,,,,none,
a.png,b.wav,,,,,9
a.png,b.wav,joyhallo,,,,0.5
a.png,b.wav,,,good,,
a.png,b.wav,,,last,,,much,more
a.png,b.wav,,,fine,,
"""


def test_a_bad_line_is_reported_with_its_number_and_stops_no_other(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, BAD)
    assert [line.number for line in lines] == list(range(2, 13))
    assert [line.number for line in lines if line.job is not None] == [2, 12]
    reasons = {line.number: line.reason for line in lines if line.reason}
    for number, said in {
        3: "The voice is missing; give a file, or a text in the column text.",
        4: "no engine called", 5: "seed", 6: "cannot be the name", 7: "no preset 'none'",
        8: "takes 0 to", 9: "has no option head_motion", 10: "line 2 already", 11: "2 cells more",
    }.items():  # fmt: skip
        assert said in reasons[number]


def test_json_lines_may_hold_options_and_faults(tmp_path: Path) -> None:
    text = (
        '{"portrait": "a.png", "voice": "b.wav", "seed": 3, "options": {"head_motion": 0.5}, "fps": 30}\n'
        "\n"
        "{broken\n"
        "[1]\n"
        '{"portrait": 5, "voice": "b.wav"}\n'
    )
    first, *bad = lines_of(tmp_path, text, "jobs.jsonl")
    assert isinstance(first.job, Job)
    dumped = first.job.options.model_dump()
    assert (first.job.seed, dumped["head_motion"], dumped["fps"]) == (3, 0.5, 30)
    assert [(line.number, line.reason.split(":")[0]) for line in bad] == [
        (3, "It is not JSON"), (4, "It is not an object such as {\"portrait\""),
        (5, "The portrait is missing; give a file."),
    ]  # fmt: skip


@pytest.mark.parametrize("value", [5, True, 0.5, ["b.wav"], {"path": "b.wav"}])
def test_a_value_of_the_wrong_kind_costs_its_line_in_every_column(tmp_path: Path, value: object) -> None:
    good = {"portrait": "a.png", "voice": "b.wav"}
    columns = sorted(OWN_COLUMNS - {"name", "group"})
    rows = [good | {column: value} for column in columns]
    lines = lines_of(tmp_path, "\n".join(map(json.dumps, [*rows, good])), "a.jsonl")
    assert lines[-1].job is not None
    for column in ("portrait", "voice", "second_voice"):
        line = lines[columns.index(column)]
        assert line.job is None
        assert column in line.reason
    assert "takes the name of a file" in lines[columns.index("second_voice")].reason


def test_a_line_names_a_performance(tmp_path: Path) -> None:
    good, bad = lines_of(
        tmp_path,
        "portrait,voice,performance,performance_rate,performance_mouth\n"
        "a.png,b.wav,take.csv,25,voice\n"
        "a.png,c.wav,,25,\n",
    )
    assert isinstance(good.job, Job)
    performance = good.job.performance
    assert performance is not None
    assert performance.file == tmp_path / "take.csv"
    assert performance.frame_rate == 25
    assert performance.mouth == "voice"
    assert "is for a recorded performance" in bad.reason


def test_duplicates_in_a_list_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='its columns 3 and 5 are both called "seed"; leave one of them out'):
        lines_of(tmp_path, "portrait,voice,seed,, seed ,\na.png,b.wav,1,,2,\n")
    good = '{"portrait": "a.png", "voice": "b.wav"}\n'
    twice = '{"portrait": "a.png", "voice": "b.wav", "seed": 1, "seed": 2}\n'
    both = '{"portrait": "a.png", "voice": "b.wav", "fps": 30, "options": {"fps": 25}}\n'
    first, second, third = lines_of(tmp_path, good + twice + both, "a.jsonl")
    assert isinstance(first.job, Job)
    assert second.reason == 'It gives "seed" twice; leave one of them out.'
    assert third.reason == 'It gives "fps" both in options and beside it; leave one of them out.'


def test_a_list_that_is_too_long_is_refused_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    line = '{"portrait": "a.png", "voice": "b.wav"}\n'
    text = line + "\n" * MOST_FILLED + "x\n" * 2
    assert [one.number for one in lines_of(tmp_path, text, "a.jsonl")] == [
        1,
        MOST_FILLED + 2,
        MOST_FILLED + 3,
    ]
    with pytest.raises(InputError, match="more than 100000 lines, the limit for one list; split it"):
        lines_of(tmp_path, line + "x\n" * MOST_FILLED, "a.jsonl")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_a_byte_order_mark_are_read(tmp_path: Path, separator: str) -> None:
    text = "\ufeff" + "portrait,voice,seed\r\na.png,b.wav,4\r\n".replace(",", separator)
    (line,) = lines_of(tmp_path, text)
    assert isinstance(line.job, Job)
    assert line.job.seed == 4


@pytest.mark.parametrize("text", ["", "portrait,voice\n", "picture,sound\na.png,b.wav\n"])
def test_an_empty_list_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"needs the columns portrait \(or video\) and voice"):
        lines_of(tmp_path, text)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_lines(tmp_path / "absent.csv", tmp_path, engine="preview")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfd\x00\x81")
    with pytest.raises(InputError, match="cannot be read"):
        read_lines(tmp_path / "binary.csv", tmp_path, engine="preview")


@pytest.mark.parametrize(("engine", "preset"), [("nothing", None), ("preview", "nothing")])
def test_an_engine_or_a_preset_for_all_lines_has_to_exist(
    tmp_path: Path, engine: str, preset: str | None
) -> None:
    path = write(tmp_path, "portrait,voice\na.png,b.wav\n")
    with pytest.raises(OptionError, match="nothing"):
        read_lines(path, tmp_path, engine=engine, preset=preset)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("cd"), st.integers(0, 3)), max_size=12))
def test_no_two_lines_have_one_video(rows: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = "".join(f"{p}.png,{v}.wav,{seed}\n" for p, v, seed in [("z", "z", 0), *rows])
        lines = lines_of(Path(folder), "portrait,voice,seed\n" + text)
    assert all("the same as line" in line.reason for line in lines if line.job is None)
    names = [line.name for line in lines if line.job is not None]
    assert len(set(names)) == len(names) == len({("z", "z", 0), *rows})
    assert all(set(name) <= set(string.ascii_letters + string.digits + "_-") for name in names)


def test_a_line_may_have_a_text_instead_of_a_voice(tmp_path: Path) -> None:
    one, two, none, both, wrong, alone = lines_of(
        tmp_path,
        "portrait,voice,text,language,speech_voice,speed\n"
        'a.png,,"Hello, it is me.",,,\n'
        "a.png,,你好,zh,man,1.5\n"
        "a.png,,,,,\n"
        "a.png,b.wav,Hello,,,\n"
        "a.png,,Hello,,,9\n"
        "a.png,b.wav,,,,2\n",
    )
    assert isinstance(one.job, Job)
    assert one.job.spoken is not None
    assert (one.job.voice, one.job.spoken.text, one.name) == (None, "Hello, it is me.", "a_text")
    assert isinstance(two.job, Job)
    assert two.job.spoken is not None
    assert (two.job.spoken.language, two.job.spoken.voice, two.job.spoken.speed) == ("zh", "man", 1.5)
    assert two.name.startswith("a_text-")
    assert none.reason == "The voice is missing; give a file, or a text in the column text."
    assert "a recording and a text" in both.reason
    assert "speed is '9', but takes 0.5 to 2" in wrong.reason
    assert alone.reason == "The value speed is for a text to speak. Give a text, too, or leave it out."


def test_a_list_may_have_texts_only(tmp_path: Path) -> None:
    (line,) = lines_of(tmp_path, '{"portrait": "a.png", "text": "Hello"}', "a.jsonl")
    assert isinstance(line.job, Job)
    (wrong,) = lines_of(tmp_path, '{"portrait": "a.png", "text": 5}', "b.jsonl")
    assert "text is 5" in wrong.reason
