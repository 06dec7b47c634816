"""Files of other programs are read in any order, case, rate and unit; damaged ones end in a message."""

from __future__ import annotations

import json
import pickle
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import OptionError, PerformanceError
from media.performance.blendshapes import BLENDSHAPES
from media.performance.formats import FORMATS, format_for
from media.performance.rates import rate_of
from media.performance.reading import read_performance
from tests.media.performance.rows import moving, written

JAW, BLINK = BLENDSHAPES.index("jawOpen"), BLENDSHAPES.index("eyeBlinkLeft")


def read(path: Path, text: str | bytes, **options):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_performance(path, **options)


def refused(path: Path, text: str | bytes, reason: str, **options) -> None:
    with pytest.raises(PerformanceError, match=reason):
        read(path, text, **options)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "take.csv"


def stamp(frame: int, rate: int) -> str:
    return f"17:59:{55 + frame // rate:02}:{frame % rate:02}.{frame % 7 * 100:03}"


def test_columns_are_found_by_name(path: Path) -> None:
    header = ",Timecode,BlendshapeCount,EYEBLINKLEFT,HeadYaw,Extra,jawopen"
    lines = [f"{i},{stamp(i, 30)},61,{i / 100},0.1,9,0.5" for i in range(90)]
    found = read(path, "\n".join([header, *lines]))
    assert found.has == {"eyeBlinkLeft", "jawOpen"}
    assert found.values[:, BLINK] == pytest.approx(np.arange(90) / 100)
    assert np.allclose(found.rotations[:, 0], 0.1)
    assert np.isnan(found.rotations[:, 3]).all()
    assert found.notes[0].startswith("1 column of")
    assert "Extra" in found.notes[0]
    assert found.duration == pytest.approx(3.0, abs=0.05)


def test_dropped_frames_are_passed_over(path: Path) -> None:
    rows = [
        f"00:00:00:{i:02}.000,{0 if i in (3, 4) else 61},{'' if i in (3, 4) else i / 10}" for i in range(9)
    ]
    text = "Timecode,BlendShapeCount,JawOpen\n" + "\n".join(rows)
    found = read(path, text.replace(",0,", ",0"), rate=Fraction(10))
    assert np.isnan(found.values[3]).all()
    between, _ = found.at(np.array([0.35]))
    assert between[0, JAW] == pytest.approx(0.35)
    assert found.frames == 9


@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60])
def test_the_rate_of_timecodes_is_seen_in_them(path: Path, rate: int) -> None:
    lines = [f"00:00:{i // rate:02}:{i % rate:02}.000,61,0.5" for i in range(3 * rate)]
    found = read(path, "Timecode,BlendShapeCount,JawOpen\n" + "\n".join(lines))
    assert found.rate == rate
    assert found.notes == ()


def test_a_rate_that_cannot_be_seen_is_said(path: Path) -> None:
    text = "Timecode,BlendShapeCount,JawOpen\n" + "\n".join(f"00:00:00:{i:02}.000,61,0.5" for i in range(9))
    assert "60 frames per second" in read(path, text).notes[0]
    assert read(path, text, rate=Fraction(30)).rate == 30
    bare = "JawOpen,MouthClose\n0.1,0.2\n0.3,0.4"
    refused(path, bare, "how many frames a second has")
    assert read(path, bare, rate=Fraction(25)).rate == 25


def test_midnight_passes(path: Path) -> None:
    lines = ["23:59:59:28.000,61,0.1", "23:59:59:29.000,61,0.2", "00:00:00:00.000,61,0.3"]
    found = read(path, "Timecode,BlendShapeCount,JawOpen\n" + "\n".join(lines), rate=Fraction(30))
    assert found.times == pytest.approx([0, 1 / 30, 2 / 30])


@pytest.mark.parametrize(
    ("unit", "given", "radians"), [("auto", 20, 0.349), ("auto", 0.4, 0.4), ("deg", 1, 0.01745)]
)
def test_angles_are_degrees_or_radians(path: Path, unit: str, given: float, radians: float) -> None:
    text = f"time,JawOpen,HeadYaw\n0.0,0.1,{given}\n0.04,0.2,{given}\n"
    assert read(path, text, angles=unit).rotations[1, 0] == pytest.approx(radians, abs=1e-3)


def test_a_service_of_audio2face_prefixes_its_names(path: Path) -> None:
    text = ",timeCode,blendShapes.EyeBlinkLeft,blendShapes.JawOpen\n0,0.0,0.5,0.1\n1,0.033333,0.6,0.2\n"
    found = read(path, text)
    assert found.rate == 30
    assert found.values[1, JAW] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no line with the names"),
        ("a,b\n1,2\n", r"none of its names \(2\) is a blend shape"),
        ("time,JawOpen,jawopen\n0,1,1\n", "columns 2 and 3 are both called"),
        ("time,JawOpen\n0,one\n", r'line 2 has "one" for "JawOpen" \(column 2\)'),
        ("time,JawOpen\n0,nan\n", "not a usable number"),
        ("time,JawOpen\n0,1,2\n", "line 2 has 3 cells"),
        ("time,JawOpen\n1;2,1\n", 'line 2 has the time "1;2"'),
        ("time,JawOpen\n1,0\n0,0\n", "its frame 2 is at"),
        ("time,JawOpen\n", "no frame"),
        ("time,JawOpen\n0,1\n90000,1\n", "at most 36000 s"),
        ("{}", 'JSON without "facsNames"'),
        ("{", "not JSON"),
        ('{"facsNames": ["jawOpen"], "weightMat": [[0.1], [0.1, 0.2]], "exportFps": 30}', "frame 2 .* has 2"),
        ('{"facsNames": ["jawOpen"], "weightMat": [["x"]], "exportFps": 30}', 'contains "x"'),
        ('{"facsNames": ["jawOpen"], "weightMat": [[0.1]]}', "how many frames a second"),
        ('{"facsNames": ["jawOpen"], "weightMat": [[0.1]], "exportFps": 0}', "1 to 240"),
        ('{"mouthCues": []}', "no mouth cue"),
        ('{"mouthCues": [{"start": 0, "end": 1, "value": "Q"}]}', 'cue 1 has the shape "Q"'),
        ('{"mouthCues": [{"start": 1, "end": 0, "value": "A"}]}', "cue 1 lasts from 1 s to 0 s"),
        ('{"mouthCues": [{"start": "a", "end": 0, "value": "A"}]}', 'cue 1 has the time "a"'),
        (
            '{"mouthCues": [{"start": 0, "end": 2, "value": "A"}, {"start": 1, "end": 3, "value": "B"}]}',
            "cue 2 begins at 1.000 s",
        ),
        ('{"version": 1, "tracks": [{"name": "jawOpen", "keys": [[0, "x"]]}]}', "key 1 of its track"),
        ('{"version": 1, "tracks": [{"name": "jawOpen", "keys": [[1, 0], [0, 0]]}]}', "key 2 of its track"),
        ('{"version": 1, "tracks": [{"name": "happy", "keys": [[1, 0]]}]}', r"none of its names \(1\)"),
        ('{"version": 1, "tracks": [{"name": "jawOpen", "ease": "bounce", "keys": [[1, 0]]}]}', '"bounce"'),
        ('{"version": 2, "tracks": [{"name": "jawOpen", "keys": [[0, 0]]}]}', 'its "version" is 2'),
        (
            '{"tracks": [{"name": "jawOpen", "keys": [[0, 0]]}, {"name": "JawOpen", "keys": [[0, 0]]}]}',
            'track "JawOpen" is in it twice',
        ),
        ('{"tracks": [{"name": "headYaw", "unit": "turns", "keys": [[0, 0]]}]}', 'the unit "turns"'),
        ("MohoSwitch1\n0 rest\n", "frames are whole numbers from 1"),
        ("<a><b></a>", "not XML"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><rhubarbResult>&x;</rhubarbResult>', "declares a document type"),
        ("<rhubarbResult/>", "no mouth cue"),
        ("<a>" * 310_000, "at most 100000 are read"),
        ("0.1\tA\n" * 700_000, "at most 4000000 are allowed"),
        ("[" * 1000, "nested levels"),
        ("0.00\tX\n", "no mouth cue"),
        (pickle.dumps({"n_frames": 1}), "may contain a program"),
        (b"\xff\xfe\xfd", "is not valid"),
        (struct.pack("<3I", 0x46546C67, 2, 12), "not JSON"),
        (b"glTF" + struct.pack("<2I", 2, 99) + struct.pack("<2I", 900, 0x4E4F534A), "900 bytes is missing"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(path: Path, text: str | bytes, reason: str) -> None:
    refused(path, text, reason)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_spreadsheet_with_decimal_commas_is_read(tmp_path: Path, separator: str) -> None:
    values, angles = moving(61, 30)
    path = written(tmp_path / "take.csv", "live-link-face", values, angles - 0.2, Fraction(30))
    wanted = read_performance(path)
    lines = path.read_text().replace(",", separator).replace(".", ",").splitlines()
    ends = ["sep=" + separator, *(line + 3 * separator for line in lines)]
    for text in ("\n".join(lines), "\r\n".join(ends)):
        found = read(path, text)
        assert np.abs(found.values - wanted.values).max() < 1e-6
        assert np.abs(found.rotations - wanted.rotations).max() < 1e-6
        assert found.times == pytest.approx(wanted.times)
        assert (found.rate, found.notes) == (wanted.rate, wanted.notes)


def test_commas_at_the_ends_of_lines_are_no_cells(path: Path) -> None:
    found = read(path, "time,JawOpen,,\n0,0.5\n0.5,0.5,\n1,0.25,,,,\n")
    assert found.values[:, JAW] == pytest.approx([0.5, 0.5, 0.25])
    refused(path, "time,JawOpen,,\n0,0.5,,,0.1\n", "line 2 has 5 cells, and the first line names 2")


def test_an_angle_that_is_missing_passes_between_those_around_it(path: Path) -> None:
    rows = ["0,0.5,0.1,", "1,0.5,,", "2,0.5, ,", "3,0.5,0.4,", "4,0.5,,"]
    found = read(path, "time,JawOpen,HeadYaw,HeadRoll\n" + "\n".join(rows))
    assert found.rotations[:, 0] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4])
    assert np.isnan(found.rotations[:, 1:]).all()
    assert found.values[:, JAW] == pytest.approx([0.5] * 5)


def test_a_row_without_any_blend_shape_is_a_dropped_frame(path: Path) -> None:
    found = read(path, "time,JawOpen,MouthClose,HeadYaw\n0,0,0,0\n1,,,0.3\n2,1,0,0\n")
    assert np.isnan(found.values[1]).all()
    assert found.at(np.array([1.0]))[0][0, JAW] == pytest.approx(0.5)
    refused(
        path,
        "time,JawOpen,MouthClose\n0,0,0\n1,0.5,\n",
        r'line 3 has no value for "MouthClose" \(column 3\); write 0',
    )


def test_shapes_of_moho_are_read_in_any_case(path: Path) -> None:
    found = read(path, "MohoSwitch1 \n1\tWQ\n13  mbp\n25 rest\n")
    rows, _ = found.at(np.array([0.25, 0.75]))
    pucker, press = BLENDSHAPES.index("mouthPucker"), BLENDSHAPES.index("mouthPressLeft")
    assert rows[0, pucker] == pytest.approx(0.65, abs=0.01)
    assert rows[1, press] == pytest.approx(0.5, abs=0.01)
    assert found.duration == pytest.approx(1.0)
    refused(
        path, "MohoSwitch1\n1 CDG\n13 rest\n", "cue 1 has the shape .CDG.; use A to H and X, or Moho's AI"
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PerformanceError, match="There is no performance"):
        read_performance(tmp_path / "none.csv")


def test_keyframes_ease_and_have_units(path: Path) -> None:
    tracks = [
        {"name": "jawOpen", "ease": "step", "keys": [[0, 0], [1, 1]]},
        {"name": "mouthClose", "ease": "smooth", "keys": [[0, 0], [2, 1]]},
        {"name": "headYaw", "unit": "deg", "keys": [[0, 0], [2, 90]]},
        {"name": "gazeX", "keys": [[0, 0]]},
    ]
    found = read(path, json.dumps({"version": 1, "fps": None, "tracks": tracks}))
    rows, angles = found.at(np.array([0.5, 1.5]))
    assert rows[:, JAW] == pytest.approx([0, 1])
    assert rows[:, BLENDSHAPES.index("mouthClose")] == pytest.approx([0.15625, 0.84375], abs=1e-3)
    assert angles[:, 0] == pytest.approx(np.radians([22.5, 67.5]), abs=1e-3)
    assert "gazeX" in found.notes[0]


def test_the_written_unit_of_keyframes_wins(path: Path) -> None:
    tracks = [
        {"name": "jawOpen", "keys": [[0, 0]]},
        {"name": "headYaw", "unit": "rad", "keys": [[0, 0.5]]},
        {"name": "headPitch", "keys": [[0, 20]]},
    ]
    for unit in ("auto", "deg"):
        found = read(path, json.dumps({"tracks": tracks}), angles=unit)
        assert found.rotations[0, :2] == pytest.approx([0.5, np.radians(20)], abs=1e-4)
        assert ("taken for degrees" in "".join(found.notes)) == (unit == "auto")


def test_a_rate_must_not_contradict_the_timecodes(path: Path) -> None:
    lines = [f"00:00:{i // 60:02}:{i % 60:02}.000,61,0.5" for i in range(180)]
    text = "Timecode,BlendShapeCount,JawOpen\n" + "\n".join(lines)
    refused(path, text, "count 60 frames per second, and the given rate is 30", rate=Fraction(30))
    found = read(path, text, rate=Fraction(60000, 1001))
    assert found.times[-1] == pytest.approx(179 * 1001 / 60000)


def test_drop_frame_timecodes_leave_out_two_numbers_a_minute(path: Path) -> None:
    stamps = ["00:00:59;28", "00:00:59;29", "00:01:00;02", "00:01:00;03"]
    text = "Timecode,JawOpen\n" + "".join(f"{one}.000,0.5\n" for one in stamps)
    found = read(path, text, rate=Fraction(30000, 1001))
    assert found.times == pytest.approx(np.arange(4) * 1001 / 30000)


def test_seconds_may_have_many_decimals(path: Path) -> None:
    found = read(path, "time,JawOpen\n0.0,0.1\n0.033333333333333331234,0.2\n00:00:00.06666666666666667,0.2\n")
    assert found.rate == 30


def test_blinks_that_stay_at_0_are_missing(path: Path) -> None:
    text = "time,JawOpen,EyeBlinkLeft,EyeBlinkRight,BrowInnerUp,BrowDownLeft\n0,0.5,0,0,0.3,0\n1,0,0,0,0,0\n"
    found = read(path, text)
    assert found.has == {"jawOpen", "browInnerUp", "browDownLeft"}
    assert found.notes == ("The performance has no blinks; they follow the voice, if there is one.",)


def test_too_many_tracks_are_refused(path: Path) -> None:
    tracks = [{"name": f"jaw{'_' * n}Open", "keys": [[0, 0]]} for n in range(201)]
    refused(path, json.dumps({"tracks": tracks}), "201 tracks; at most 200")


def test_names_say_their_format() -> None:
    assert format_for(Path("a/b.vrma")).name == "vrma"
    assert format_for(Path("b.ARKit.VRMA")).name == "vrma-arkit"
    assert {format_for(Path(f"take.{one.mark}{one.ending}")).name for one in FORMATS} == {
        one.name for one in FORMATS
    }
    for name, word in (("take.json", "rhubarb-json"), ("take.mov", ".vrma"), ("take", ".csv")):
        with pytest.raises(OptionError, match=word):
            format_for(Path(name))


def test_rates_are_written_in_several_ways() -> None:
    assert rate_of("29.97") == rate_of("30000/1001") == Fraction(30000, 1001)
    assert rate_of(25) == rate_of("25.0") == 25
    for wrong in ("0", "1/0", "nan", "-3", "9999", "30fps", ""):
        with pytest.raises(OptionError, match="frame rate"):
            rate_of(wrong)


@pytest.mark.parametrize("name", ["live-link-face", "audio2face-json", "vrma", "keyframes"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, name: str, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged-{name}"
    if not path.exists():
        written(path, name, *moving(12, 30), Fraction(30))
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    spoiled = path.with_suffix(".spoiled")
    spoiled.write_bytes(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
    try:
        found = read_performance(spoiled)
    except PerformanceError:
        return
    assert np.isfinite(found.at(np.array([0.0]))[0]).all()


def test_percentages_count_as_one_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text("time,JawOpen\n0,0\n1,85\n2,100\n")
    found = read_performance(path)
    assert found.values.max() == 1.0
    assert any("reach 100" in note for note in found.notes)
    path.write_text("time,JawOpen\n0,0\n1,1.2\n")
    assert not any("reach" in note for note in read_performance(path).notes)


def test_switch_data_without_a_rate_say_what_they_were_counted_at(tmp_path: Path) -> None:
    path = tmp_path / "take.dat"
    path.write_text("MohoSwitch1\n1 MBP\n13 AI\n25 rest\n")
    assert any("at 24 frames per second" in note for note in read_performance(path).notes)
    assert not read_performance(path, rate=Fraction(24)).notes


def test_a_picture_is_refused_as_one(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    with pytest.raises(PerformanceError, match="a binary file of another kind"):
        read_performance(path)
    path.write_text("time,JawOpen\n0,0\n1,1\n", encoding="utf-16")
    assert read_performance(path).frames == 2
