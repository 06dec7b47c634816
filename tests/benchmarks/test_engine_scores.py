from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from benchmarks.engine_scores import EngineVideos, _first, table
from evaluation.builtin.measurer import BuiltinMetrics


def report(**values: float) -> dict[str, object]:
    """The report of `evaluate` on one video."""
    metrics = [asdict(metric) | {"range": [None, None]} for metric in BuiltinMetrics.metrics]
    known = {metric["name"]: values.get(str(metric["name"])) for metric in metrics}
    scores = {name: {"value": value} for name, value in known.items()}
    return {"metrics": metrics, "rows": [{"scores": scores}], "means": [{"group": None, **known}]}


def test_metrics_that_do_not_apply_to_an_engine_are_left_out() -> None:
    columns = [
        EngineVideos("preview", "none needed", report(mouth_sharpness=19.13, mouth_lag=12.0, flicker=0.1)),
        EngineVideos("joyvasa:fast", "made up, tiny", report(flicker=0.04)),
    ]
    assert table(columns).splitlines() == [
        "|  | `preview` | `joyvasa:fast` |",
        "| --- | ---: | ---: |",
        "| Weights | none needed | made up, tiny |",
        "| Videos | 1 | 1 |",
        "| Videos that show a face | 1 | 0 |",
        "| \\|Mouth lag\\|\N{NO-BREAK SPACE}↓ | 12 ms | – |",
        "| Flicker\N{NO-BREAK SPACE}↓ | 0.100 | 0.040 |",
        "| Mouth sharpness\N{NO-BREAK SPACE}↑ | 19.1 % | – |",
    ]


def test_random_weights_make_the_first_line_only(tmp_path: Path) -> None:
    from studio.batch.listing import read_lines
    from studio.job import Job

    listed = tmp_path / "list.csv"
    listed.write_text("portrait,voice,name\na.png,b.wav,one\nc.png,d.wav,two\n", encoding="utf-8")
    (line,) = read_lines(_first(listed, tmp_path / "first.csv"), tmp_path, engine="preview")
    assert isinstance(line.job, Job)
    assert (line.name, line.job.portrait, line.job.voice) == ("one", tmp_path / "a.png", tmp_path / "b.wav")
