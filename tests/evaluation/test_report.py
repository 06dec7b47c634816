"""From a folder with good and bad videos to the four files of the report."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluation.catalogue import MEASURERS, chosen, measurers
from evaluation.clips import find_clips
from evaluation.metric import Metric, Score
from evaluation.report import write_report
from evaluation.report.plots import strip_plot, ticks
from evaluation.run import KEPT, Reported, Scored, evaluate
from evaluation.scoring import Scoring
from evaluation.table import NOT_MEASURED, ScoreRow, Table
from evaluation.video_file import VideoFile
from media.errors import OptionError, VideoError, WeightsMissing
from tests.evaluation.conftest import Sound, write_uneven, write_video

NETWORKS = ["iqa", "vqa", "sync", "smooth", "subject", "background"]

LENGTH = 25
"""Frames of each scored clip, a second."""
OF_FACES = frozenset(
    """
    mouth_sound mouth_lag closed_in_silence lip_leak closed_in_bilabials shut_in_tongue_sounds shut_in_vowels
    opening_of_sounds blink_rate blink_time head_range head_jitter identity_drift background_change seam
    mouth_sharpness
    """.split()
)
"""Metrics that need a face."""


def metric(name: str, better: str = "higher", needs: str | None = None) -> Metric:
    return Metric(name, name.title(), better, (0.0, 1.0), needs, "free", f"{name} means <this>.")  # type: ignore[arg-type]


class Brightness:
    """Measures the brightness of the first frame, and counts its calls."""

    metrics = (metric("light"),)

    def __init__(self, weights: Sequence[Path] = (), **form: object) -> None:
        self.asked = 0
        self._weights, self._form = weights, form

    def form(self) -> dict[str, object]:
        return self._form

    def weights(self) -> Sequence[Path]:
        return self._weights

    def measure(self, video: VideoFile) -> dict[str, Score]:
        self.asked += 1
        return {"light": Score(float(next(video.frames()).mean()) / 255, "By eye.")}


class Absent:
    """Has no weights."""

    metrics = (metric("deep", needs="deep"), metric("deeper", needs="deep"))

    def __init__(self) -> None:
        self.asked = 0

    def form(self) -> dict[str, object]:
        return {}

    def weights(self) -> Sequence[Path]:
        return ()

    def measure(self, video: VideoFile) -> dict[str, Score]:
        self.asked += 1
        raise WeightsMissing("deep.bin is missing. Download it with: python cli.py weights download deep")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, material: tuple[np.ndarray, Sound]) -> Path:
    """Two groups of six short videos of the astronaut, and one of unusable files."""
    root = tmp_path_factory.mktemp("videos")
    frames, (rate, samples) = material
    for group, blur in (("sharp", 0.0), ("soft", 2.0)):
        (root / group).mkdir()
        for number in range(6):
            start = 17 * number
            cut = frames[start : start + LENGTH]
            if blur:
                cut = np.stack([cv2.GaussianBlur(frame, (0, 0), blur) for frame in cut])
            sound = samples[round(start / 25 * rate) : round((start + LENGTH) / 25 * rate)]
            write_video(root / group / f"{number}.mp4", cut, (rate, sound))
    (root / "bad").mkdir()
    (root / "bad" / "broken.mp4").write_bytes(b"no video")
    write_video(root / "bad" / "one.mp4", frames[:1], None)
    write_video(root / "bad" / "silent.mp4", frames[:30], None)
    uneven = [0.0, 0.04, 0.08, 0.36, *(0.4 + 0.04 * np.arange(26))]
    write_uneven(root / "bad" / "uneven.mp4", frames[:30], uneven)
    write_video(root / "bad" / "faceless.mp4", np.full((30, 96, 96, 3), 90, np.uint8), (rate, samples[:rate]))
    return root


@pytest.fixture(scope="module")
def reported(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, Path]:
    """All metrics over all videos, without weights."""
    out = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(out / "no-weights"))
        events = list(evaluate(find_clips([folder]), chosen(",".join([*NETWORKS, "builtin"])), out))
    assert [event.done for event in events if isinstance(event, Scored)] == list(range(1, 18))
    last = events[-1]
    assert isinstance(last, Reported)
    assert [path.name for path in last.files] == ["report.md", "report.csv", "report.json", "report.html"]
    return last.table, out


def test_only_metrics_that_need_weights_are_not_measured(reported: tuple[Table, Path]) -> None:
    table, out = reported
    assert set(table.missing) == {metric.name for metric in table.metrics if metric.needs is not None}
    assert len(table.missing) >= 7
    content = list(csv.DictReader((out / "report.csv").open(encoding="utf-8")))
    for name in table.missing:
        assert {line[name] for line in content} == {NOT_MEASURED}
        assert "python cli.py" in table.missing[name]
    for line in content:
        if line["group"] == "sharp":
            assert float(line["mouth_sharpness"]) > 0


def test_bad_files_have_a_reason_and_the_rest_is_scored(reported: tuple[Table, Path]) -> None:
    table, out = reported
    rows = {row.video: row for row in table.rows}
    assert [name for name, row in rows.items() if row.reason] == ["bad/broken.mp4"]
    lines = csv.DictReader((out / "report.csv").open(encoding="utf-8"))
    said = {line["video"]: line["notes"] for line in lines}
    assert said["bad/faceless.mp4"].startswith("No face is visible in 30 of 30 frames.")
    faceless = rows["bad/faceless.mp4"]
    assert {name for name in OF_FACES | {"flicker"} if faceless.value(name) is not None} == {"flicker"}
    assert "There is no sound. Add it with --audio." in said["bad/silent.mp4"]
    assert "There are fewer than 3 frames." in said["bad/one.mp4"]
    assert rows["bad/one.mp4"].value("seam") is not None
    uneven = "The frame rate is variable; frames are shown at"
    assert said["bad/uneven.mp4"].startswith(uneven)
    assert rows["bad/uneven.mp4"].value("flicker") is not None
    assert f"**bad/uneven.mp4**: {uneven}" in (out / "report.md").read_text(encoding="utf-8")
    assert all(rows[f"sharp/{n}.mp4"].value("mouth_sharpness") is not None for n in range(6))
    assert '"broken.mp4" cannot be read' in rows["bad/broken.mp4"].reason
    assert "**bad/broken.mp4**: " in (out / "report.md").read_text(encoding="utf-8")


def test_groups_are_compared(reported: tuple[Table, Path]) -> None:
    _, out = reported
    content = json.loads((out / "report.json").read_text(encoding="utf-8"))
    found = {(one["metric"], one["group"]): one for one in content["comparisons"]}
    assert {(one["group"], one["against"]) for one in found.values()} == {("soft", "sharp")}
    blurred = found["mouth_sharpness", "soft"]
    assert blurred["clear"]
    assert blurred["difference"] < 0
    assert blurred["pairs"] == 6
    assert [mean["group"] for mean in content["means"]] == [None, "bad", "sharp", "soft"]
    assert [mean["videos"] for mean in content["means"]] == [17, 5, 6, 6]
    sharp, soft = content["means"][2:]
    assert sharp["mouth_sharpness"] > soft["mouth_sharpness"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_without_a_network(reported: tuple[Table, Path], width: int) -> None:
    table, out = reported
    script = Path(__file__).parent / "visit_report.py"
    done = subprocess.run(
        [sys.executable, str(script), str(out / "report.html"), str(width)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert [url for url in told["asked"] if not url.endswith("report.html")] == []
    assert told["faults"] == []
    assert told["too_wide"] <= 0
    assert told["plots"] >= 8
    values = sum(row.value(metric.name) is not None for row in table.rows for metric in table.metrics)
    assert told["dots"] == values
    for row in table.rows:
        assert row.video in told["text"]
    assert told["text"].count(NOT_MEASURED) == len(table.missing) * (len(table.rows) + 4)


def test_a_stopped_evaluation_resumes(folder: Path, tmp_path: Path) -> None:
    from evaluation.kept_scores import KeptScores

    clips = find_clips([folder / "sharp"])
    first, second = Brightness(), Brightness()
    rows = Scoring([first], KeptScores(tmp_path / KEPT)).rows(clips)
    seen = [next(rows), next(rows)]
    rows.close()
    (tmp_path / KEPT).open("a").write('{"key": "half a li')
    again = list(Scoring([second], KeptScores(tmp_path / KEPT)).rows(clips))
    assert (first.asked, second.asked) == (2, 4)
    assert [row.scores for row in again[:2]] == [row.scores for row in seen]


def test_what_has_changed_is_measured_again(folder: Path, tmp_path: Path) -> None:
    from evaluation.kept_scores import KeptScores

    path = tmp_path / "a.mp4"
    path.write_bytes((folder / "sharp" / "0.mp4").read_bytes())
    measurer = Brightness()
    list(Scoring([measurer], KeptScores(tmp_path / KEPT)).rows(find_clips([path])))
    path.write_bytes((folder / "soft" / "3.mp4").read_bytes())
    list(Scoring([measurer], KeptScores(tmp_path / KEPT)).rows(find_clips([path])))
    assert measurer.asked == 2


def test_another_form_and_other_weights_are_measured_again(folder: Path, tmp_path: Path) -> None:
    from evaluation.kept_scores import KeptScores

    weights = tmp_path / "net.bin"
    weights.write_bytes(b"made up")
    clips = find_clips([folder / "sharp" / "0.mp4"])

    def asked(measurer: Brightness) -> int:
        list(Scoring([measurer], KeptScores(tmp_path / KEPT)).rows(clips))
        return measurer.asked

    assert asked(Brightness([weights], vshift=15)) == 1
    assert asked(Brightness([weights], vshift=15)) == 0
    assert asked(Brightness([weights], vshift=10)) == 1
    assert asked(Brightness([], vshift=15)) == 1
    weights.write_bytes(b"published")
    assert asked(Brightness([weights], vshift=15)) == 1
    assert asked(Brightness([weights], vshift=10)) == 1


def test_missing_weights_are_reported_once_and_not_stored(folder: Path, tmp_path: Path) -> None:
    from evaluation.kept_scores import KeptScores

    absent, light = Absent(), Brightness()
    scoring = Scoring([absent, light], KeptScores(tmp_path / KEPT))
    rows = list(scoring.rows(find_clips([folder / "sharp"])))
    assert absent.asked == 1
    assert light.asked == len(rows)
    assert set(scoring.missing) == {"deep", "deeper"}
    assert all(row.scores["deep"] == Score(None, NOT_MEASURED) for row in rows)
    assert not any(row.reason for row in rows)
    assert "deep" not in (tmp_path / KEPT).read_text(encoding="utf-8")


def test_random_weights_are_reported_first_and_notes_once(tmp_path: Path) -> None:
    columns = (metric("deep", needs="deep"), metric("deeper", needs="deep"), metric("light"))
    score = Score(0.5, "In demo mode.", {"random_weights": True})
    row = ScoreRow("a.mp4", "all", {"deep": score, "deeper": score, "light": Score(0.1)})
    markdown, *_, page = (
        p.read_text(encoding="utf-8") for p in write_report(Table(columns, (row,)), tmp_path)
    )
    for text in (markdown, page):
        assert text.index("show only that everything runs") < text.index("Means")
        assert text.count("In demo mode.") == 1
    assert "**Deep, Deeper**: In demo mode." in markdown


def test_everything_in_the_page_is_escaped(tmp_path: Path) -> None:
    row = ScoreRow("<script>alert(1)</script>.mp4", "a|b & <c>", {"light": Score(0.5, "<b>")})
    table = Table((metric("light"),), (row,), {}, ("1 < 2",))
    page, markdown = (p.read_text(encoding="utf-8") for p in write_report(table, tmp_path, "<t>")[::3][::-1])
    assert "<script>" not in page
    assert "a|b &amp; &lt;c&gt;" in page
    assert "a\\|b" in markdown


def test_names_of_files_are_shown_and_never_calculated_or_followed(tmp_path: Path) -> None:
    (tmp_path / "=1+1").mkdir()
    for name in ("=1+1.mp4", "<b>[x](y).mp4", os.fsdecode(b"half-\xff.mp4"), "turned-\u202e4pm.mp4"):
        (tmp_path / "=1+1" / name).touch()
    rows = tuple(ScoreRow(clip.name, clip.group, {"light": Score(0.5)}) for clip in find_clips([tmp_path]))
    written = write_report(Table((metric("light"),), rows), tmp_path / "report")
    markdown, sheet, facts, page = (path.read_text(encoding="utf-8") for path in written)
    assert {line["group"] for line in csv.DictReader(io.StringIO(sheet))} == {"'=1+1"}
    assert {line["video"] for line in csv.DictReader(io.StringIO(sheet))} == {
        "'=1+1.mp4", "<b>[x](y).mp4", "half-\\udcff.mp4", "turned-\\u202e4pm.mp4",
    }  # fmt: skip
    assert "=1+1.mp4" in {row["video"] for row in json.loads(facts)["rows"]}
    assert "\\<b>\\[x\\](y).mp4" in markdown
    assert "&lt;b&gt;[x](y).mp4" in page


def test_a_score_is_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        Score(float("nan"))


@pytest.mark.parametrize("text", ["", "sync,nothing", " , "])
def test_unknown_metrics_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="There is no metric"):
        chosen(text)


def test_lists_of_earlier_versions_are_taken() -> None:
    assert chosen("own,sync") == chosen("sync,builtin") == ["sync", "builtin"]


def test_every_metric_can_be_built_and_identified() -> None:
    names = [metric.name for measurer in measurers(MEASURERS) for metric in measurer.metrics]
    assert len(set(names)) == len(names)
    for measurer in measurers(MEASURERS):
        for one in measurer.metrics:
            assert one.range[0] < one.range[1]
            assert one.licence
            assert one.description.endswith(".")


def test_clips_are_grouped_by_folder_and_find_their_files(tmp_path: Path) -> None:
    for name in (
        "a/one.mp4",
        "a/one.phonemes.csv",
        "b/c/two.webm",
        "b/notes.txt",
        "sounds/one.wav",
        "who.png",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    clips = find_clips([tmp_path], audio=tmp_path / "sounds", reference=tmp_path / "who.png")
    assert [(clip.name, clip.group) for clip in clips] == [("a/one.mp4", "a"), ("b/c/two.webm", "b/c")]
    assert [clip.audio for clip in clips] == [tmp_path / "sounds" / "one.wav", None]
    assert {clip.reference for clip in clips} == {tmp_path / "who.png"}
    assert [clip.phonemes for clip in clips] == [tmp_path / "a" / "one.phonemes.csv", None]
    assert len(find_clips([tmp_path / "a" / "one.mp4", tmp_path / "a"])) == 1


def test_an_empty_input_is_reported(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no video to score"):
        find_clips([tmp_path])
    with pytest.raises(VideoError, match="check the path"):
        find_clips([tmp_path / "absent"])


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.5], [0.0, 0.0], [-1e-3, 2e5], [99.0, 100.0]])
def test_plots_hold_every_value(values: Sequence[float]) -> None:
    plot = strip_plot({"all": {str(n): v for n, v in enumerate(values)}, "none": {}}, 2, (-1.0, 1e6))
    assert plot.count("<circle") == len(values)
    assert "nan" not in plot


def test_ticks_are_round_and_inside() -> None:
    assert list(ticks(0.0, 1.0)) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert all(93 <= tick <= 107 for tick in ticks(93, 107))
