"""The report of a batch shows odd names as they are: spreadsheets calculate none, viewers follow none."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

from studio.batch.listing import read_lines
from studio.batch.run import run_batch
from studio.settings import Settings
from tests.studio.batch.clumsy import NAME
from tests.studio.batch.conftest import Write

MADE = ("=1+1", "-rf", "@SUM(1)", "写真\u3000一", "a`b` [x](y.example) '$HOME'", "CON", "é" * 100)
REFUSED = ("../up", "<b>[x](y.example)</b>", "two\nlines", "turned\u202egnp", "x" * 201)


def test_odd_names_are_shown_in_every_form(
    engine: str, listed: Write, portrait_file: Path, tmp_path: Path, settings: Settings
) -> None:
    odd = tmp_path / 'port\u202erait\n"1", =2.png'
    shutil.copy(portrait_file, odd)
    named: list[dict[str, object]] = [{"name": name} for name in (*MADE, *REFUSED)]
    path, out = listed(*named, {"name": "odd", "portrait": str(odd)}), tmp_path / "out"
    list(run_batch(read_lines(path, out, engine=NAME), out, settings=settings))

    with (out / "report.csv").open(newline="", encoding="utf-8") as file:
        sheet = list(csv.DictReader(file))
    told = [json.loads(line) for line in (out / "report.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    count = len(named) + 1
    assert [row["status"] for row in told] == ["made"] * len(MADE) + ["refused"] * len(REFUSED) + ["made"]
    assert [int(row["line"]) for row in sheet] == list(range(1, count + 1))
    assert [row["name"] for row in told][: len(MADE)] == list(MADE)
    assert [row["name"] for row in sheet][:3] == ["'=1+1", "'-rf", "'@SUM(1)"]
    assert all(Path(row["video"]).is_file() for row in told if row["status"] == "made")
    assert told[-1]["portrait"] == sheet[-1]["portrait"] == str(odd)

    page = (out / "report.md").read_text(encoding="utf-8")
    refused = [line for line in page.splitlines() if line.startswith("- line ")]
    assert len(refused) == len(REFUSED)
    assert refused[1].startswith(r"- line 9, \<b>\[x\](y.example)\</b>: ")
    assert not any(sign in page for sign in "\u202e\x1b")
