"""Visitors read no flag, setting, command, folder or bytes in any message."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from engines import registry
from media.errors import JoyStudioError, OutputError, PortraitError
from media.messages import GAP, Message, said
from media.portrait import open_portrait
from media.voice import open_voice
from studio.settings import Settings
from studio.weights_report import report_weights
from tests.templates import templates
from tests.ui.test_chinese import SEEN_ON_THE_PAGE, SHELL_ONLY, _sentences
from ui.app import build
from ui.components.weights_panel import report_html
from ui.errors import as_answer, as_toast
from ui.i18n import say, texts_of
from ui.i18n.page_form import forms, page_form

ROOT = Path(__file__).resolve().parents[2]
THEIRS = re.compile(
    r"(?<![\w-])--[a-z]|JOYSTUDIO_|\bHF_|TMPDIR|FFMPEG_BINARY|\bpython |cli\.py|\bpip |/srv/|(?<!\w)b'|-inf"
    r"|=true|max_seconds|audio_track"
)
"""What belongs to the shell of the machine's owner."""
COMMAND = re.compile(rf"(?:with|needs|again|Run|[Ii]nstall): `?{GAP}`?$")
"""How a message ends that gives a command."""
PATH = "/srv/joystudio/out puts/face.png"
REASON = "[Errno 13] Permission denied: '/srv/joystudio/weights'"
SHELL = (
    "media/devices/", "media/ray_session.py", "engines/weights/writing.py", "engines/weights/local_files.py",
    "engines/weights/convert.py", "speech/kokoro/weights/random_weights.py", "evaluation/clips.py",
    "evaluation/qalign/environment.py", "evaluation/video_file.py", "studio/accounts.py",
    "studio/allowed_hosts.py", "studio/batch/", "studio/hosting/", "studio/list_file.py",
    "studio/outputs_ready.py", "studio/passwords.py", "studio/serving/", "studio/settings.py",
    "studio/long_jobs.py", "studio/setting_groups/", "ui/serve.py",
)  # fmt: skip
"""Code whose messages are for a shell only: lists, deployments, and checks before the page starts."""


MORE = (
    "The setting JOYSTUDIO_",
    "Give a portrait and a voice or --text",
    "The --config",
    "Give either a recording with --voice",
    "Give the new voice, or a text to speak with --text",
    "… To start anyway",
    "Several workers need",
    "There is no Ray cluster",
)
"""How refusals begin that have Chinese, but that no visitor meets."""


def refusals() -> list[str]:
    """The templates under docs/errors.md that visitors can meet."""
    found, chapter = [], ""
    for line in (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            chapter = line[3:]
        row = re.match(r"\| (?!Message|---)(.+?) \|", line)
        if row and chapter in SEEN_ON_THE_PAGE and not row[1].startswith((*SHELL_ONLY, *MORE)):
            found.append(row[1])
    return found


def in_code() -> list[str]:
    layers = ("media/", "engines/", "speech/", "evaluation/", "studio/", "ui/")
    return [
        one.text for one in templates() if one.where.startswith(layers) and not one.where.startswith(SHELL)
    ]


@pytest.mark.parametrize("value", [PATH, REASON])
def test_no_message_names_what_belongs_to_the_shell(value: str) -> None:
    found = {*refusals(), *in_code()}
    assert len(found) > 350
    wrong = []
    for template in found:
        count = template.count(GAP)
        english = template.replace(GAP, value)
        form = page_form(Message(english, template, (value,) * count) if count else template)
        shown = form.template if isinstance(form, Message) else form
        if THEIRS.search(form) or COMMAND.search(shown):
            wrong.append(str(form))
    assert wrong == []


def test_nor_does_any_text_of_the_page() -> None:
    sentences = {text for path in sorted((ROOT / "ui").rglob("*.py")) for text in _sentences(path)}
    shown = {page_form(text) for text in sentences | texts_of(build())}
    assert [text for text in shown if THEIRS.search(text) and not text.startswith("send accept")] == []


def test_every_form_is_of_a_message_that_is_given() -> None:
    """A message that changes by a letter loses its form."""
    known = {one.text for one in templates()} | set(refusals())
    known |= {report.commercial_path for spec in registry.specs() if (report := report_weights(spec.name))}
    plain = " ".join((ROOT / "docs" / "errors.md").read_text(encoding="utf-8").split())
    assert [text for text in forms() if text not in known and text not in plain] == []


def test_real_errors_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x00\x01 no picture")
    with pytest.raises(PortraitError) as text:
        open_portrait(tmp_path / "a.png")
    with pytest.raises(JoyStudioError) as silence:
        open_voice((16_000, np.zeros(16_000, np.float32)))
    with pytest.raises(PortraitError) as missing:
        open_portrait(Path("/srv/joystudio/uploads/b.png"))
    full = OutputError("The video cannot be written to {path}: {reason}.", path=PATH, reason=REASON)
    for error, english, other in (
        (text.value, "is not a readable image; use JPEG", "不是可读取的图片"),
        (silence.value, "The voice is silent; check the microphone", "声音是静音的"),
        (missing.value, 'The portrait "b.png" is no longer there', "已经不在了"),
        (full, "The video cannot be written: [Errno 13] Permission denied: 'weights'.", "无法写入视频"),
    ):
        toast = str(as_toast(error).message)
        assert english in toast
        assert other in toast
        assert THEIRS.search(toast) is None
        assert "/srv" not in str(as_answer(error).message)
    inner = said("{first} {second}", first=full.message, second="Try again.")
    assert say(inner).count("/srv") == 0
    assert "https://huggingface.co/a/b/c.bin" in page_form(
        said("See {url}.", url="https://huggingface.co/a/b/c.bin")
    )


def test_only_the_owner_reads_commands_for_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    for engine in ("joyvasa", "joyhallo"):
        report = report_weights(engine)
        assert report is not None
        assert f"python cli.py weights download {engine}" in report_html(report, Settings(), timed=False)
        for elsewhere in (Settings(host="0.0.0.0"), Settings(host="0.0.0.0", fetch_weights="always")):
            shown = report_html(report, elsewhere, timed=False)
            assert THEIRS.search(shown) is None
            assert "command line" not in shown
        assert "The owner of this machine" in report_html(
            report, Settings(fetch_weights="never"), timed=False
        )
