"""The page's parts that need no browser."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import app
from engines.joyvasa.weights.catalogue import MOTION_GENERATOR, STITCHING, XPOSE_DETECTOR
from engines.packages import NEURAL
from engines.preview.options import PreviewOptions
from media.errors import InputError, NoFaceError, OutputError
from studio.options import options_of_model
from studio.portrait_view import PortraitView
from studio.settings import Settings
from studio.weights_report import FileReport, GroupReport, WeightsReport
from ui.app import launch_options
from ui.components.examples import example_portraits, points_of
from ui.components.options_form import component_for
from ui.components.portrait_picker import Picked, hint_html, overlay_html
from ui.components.progress import progress_bar, time_left
from ui.components.weights_panel import report_html
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.serve import PageAccess
from ui.tabs.animate.make import make_job, make_job_again
from ui.theme import style_sheet

OPTIONS = PreviewOptions().model_dump()
TWO_FACES = PortraitView(400, 300, ((0, 0, 100, 100), (80, 0, 160, 90)), 0, False, ("2 faces were found.",))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "less than a second left"),
        (1, "1 s left"),
        (59.4, "59 s left"),
        (59.6, "1 min 00 s left"),
        (185, "3 min 05 s left"),
    ],
)
def test_time_left_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert time_left(seconds) == words


def test_the_bar_stays_between_its_ends_and_escapes_what_it_shows() -> None:
    assert 'aria-valuenow="100"' in progress_bar("rendering", 1.7)
    assert 'aria-valuenow="0"' in progress_bar("rendering", -1)
    assert "<script>" not in progress_bar("<script>", 0.5)


def test_a_click_takes_the_face_under_it_or_the_nearest() -> None:
    picked = Picked("a.png").seen(TWO_FACES)
    assert picked.clicked(130, 50).face_index == 1
    assert picked.clicked(10, 50).face_index == 0
    assert picked.clicked(95, 45).face_index == 1  # inside both; nearer to the middle of the second
    assert picked.clicked(390, 290).face_index == 1


def test_a_click_after_three_points_moves_the_nearest() -> None:
    picked = Picked("a.png", subject="animal")
    assert picked.clicked(1, 10).clicked(2, 10).anchors_for("animal") is None
    picked = picked.clicked(1, 10).clicked(2, 10).clicked(3, 10)
    assert list(picked.anchors_for("animal") or ()) == [(1, 10), (2, 10), (3, 10)]
    assert picked.clicked(4, 10).points == ((1, 10), (2, 10), (4, 10))
    assert picked.anchors_for("human") is None


def test_the_overlay_numbers_several_faces_and_names_points() -> None:
    picked = Picked("a.png").seen(TWO_FACES)
    assert overlay_html(picked).count('<button type="button" class="face-box') == 2
    assert overlay_html(None) == ""
    points = Picked("a.png", subject="animal", boxes=TWO_FACES.boxes).clicked(5, 6)
    assert "left eye" in overlay_html(points)
    assert "face-box" not in overlay_html(points)


def test_the_hint_escapes_what_it_quotes() -> None:
    assert "<img" not in hint_html(Picked("a.png", problem='The file "<img src=x>" is odd.'))


def test_an_error_of_the_users_is_shown_and_any_other_is_not(caplog: pytest.LogCaptureFixture) -> None:
    toast = as_toast(NoFaceError("No face in <b>.png."))
    assert toast.message == "No face in &lt;b&gt;.png."
    assert toast.duration >= 8
    other = as_toast(KeyError("a secret"))
    assert "secret" not in other.message
    assert caplog.records[-1].exc_info is not None


def test_a_job_needs_both_inputs() -> None:
    with pytest.raises(InputError, match="portrait"):
        make_job("preview", None, "v.wav", 0, None, None, OPTIONS)
    with pytest.raises(InputError, match="voice"):
        make_job("preview", "p.png", None, 0, None, None, OPTIONS)


def test_a_choice_made_on_another_picture_or_in_another_mode_is_left_out() -> None:
    picked = Picked("p.png", face_index=1)
    assert make_job("preview", "p.png", "v.wav", 3.0, picked, None, OPTIONS).face_index == 1
    assert make_job("preview", "q.png", "v.wav", 3.0, picked, None, OPTIONS).face_index == 0
    animal = OPTIONS | {"animation_mode": "animal"}
    assert make_job("preview", "p.png", "v.wav", 3.0, picked, None, animal).face_index == 0


def test_a_motion_is_rendered_again_with_only_the_options_changed() -> None:
    with pytest.raises(InputError, match="no motion to render again"):
        make_job_again(None, None, OPTIONS)
    job = make_job("preview", "p.png", "v.wav", 3.0, Picked("p.png", face_index=1), "calm", OPTIONS)
    kept = job.model_copy(update={"motion": Path("kept.motion.safetensors")})
    changed = OPTIONS | {"animation_mode": "animal", "head_motion": 0.5}
    again = make_job_again(kept, None, changed)
    assert again.options == PreviewOptions(head_motion=0.5)
    assert again == kept.model_copy(update={"options": again.options, "preset": None})


def test_an_animals_engine_that_looks_again_does_not_demand_points() -> None:
    unseen = PortraitView(0, 0, (), 0, True, ())
    assert "Click on its left eye" in hint_html(Picked("a.png", "animal").seen(unseen))
    assert "will search again" in hint_html(Picked("a.png", "animal", looks_again=True).seen(unseen))


def test_a_tab_without_weights_draws_what_its_engine_moves() -> None:
    group = GroupReport("human", "people", True, "python cli.py", (FileReport(MOTION_GENERATOR, "missing"),))
    shown = report_html(
        WeightsReport("joyvasa", Path("weights"), (group,), (), "Free."), Settings(), timed=False
    )
    assert 'class="moves"' in shown
    assert 'aria-label="What JoyVASA moves: head, face, eyes and mouth, of people and animals"' in shown


def test_a_licence_that_another_one_includes_is_named_once() -> None:
    mit, based = "MIT", "MIT; based on Stable Diffusion 1.5"
    files = [FileReport(replace(MOTION_GENERATOR, licence=licence), "missing") for licence in (mit, based)]
    group = GroupReport("human", "people", True, "python cli.py", tuple(files))
    shown = report_html(WeightsReport("joyvasa", Path("weights"), (group,), (), ""), Settings(), timed=False)
    assert f": {based} (" in re.sub("<[^>]+>", "", shown)
    assert "MIT, MIT" not in re.sub("<[^>]+>", "", shown)


def test_a_tab_without_torch_says_what_installs_it() -> None:
    files = (FileReport(MOTION_GENERATOR, "installed"),)
    group = GroupReport("human", "people", True, "python cli.py weights download joyvasa", files)
    report = WeightsReport(
        "joyvasa", Path("weights"), (group,), ("torch", "transformers"), "Free.", NEURAL.install
    )
    shown = report_html(report, Settings())
    assert "torch and transformers are not installed" in shown
    assert "torch 和 transformers" in shown
    assert "<code>pip install -r requirements.txt</code>" in shown
    ready = report_html(replace(report, packages=()), Settings())
    assert 'class="moves"' not in ready
    assert 'class="problem"' not in ready
    assert "<details open>" not in ready


def test_the_panel_names_what_is_here_for_research_only_and_what_is_random() -> None:
    files = (FileReport(XPOSE_DETECTOR, "installed"), FileReport(STITCHING, "random"))
    group = GroupReport("animal", "animals", True, "python cli.py x", files)
    shown = report_html(WeightsReport("joyvasa", Path("weights"), (group,), (), ""), Settings())
    assert "Installed, but not for commercial use" in shown
    assert XPOSE_DETECTOR.path in shown
    assert "scientific research only" in shown
    assert 'class="random-weights"' in shown


def test_every_option_of_the_preview_engine_can_be_drawn() -> None:
    for option in options_of_model(PreviewOptions):
        component = component_for(option, ElementIds("preview"))
        assert component.value == option.default
        assert component.label.key == option.title


def test_the_cat_is_an_animal_with_points_and_the_others_are_not(tmp_path: Path) -> None:
    examples = {example.path.stem: example for example in example_portraits()}
    assert examples["cat"].animation_mode == "animal"
    assert len(examples["cat"].points) == 3
    assert examples["astronaut"].animation_mode == "human"
    copy = tmp_path / "other name.png"
    copy.write_bytes(examples["cat"].path.read_bytes())
    assert points_of(copy, list(examples.values())) == examples["cat"].points
    assert points_of(examples["astronaut"].path, list(examples.values())) == ()


def test_a_space_listens_to_the_world_and_nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(max_upload_mb=5)
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert launch_options(settings)["server_name"] == "127.0.0.1"
    monkeypatch.setenv("SPACE_ID", "me/studio")
    options = launch_options(settings)
    assert options["server_name"] == "0.0.0.0"
    assert options["share"] is False
    assert options["max_file_size"] == "5mb"
    outputs = settings.outputs.resolve()
    assert not any(outputs.is_relative_to(Path(path).resolve()) for path in options["allowed_paths"])


def test_a_page_that_cannot_start_says_why_on_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(settings: Settings, access: PageAccess) -> None:
        raise OutputError("The port is taken.")

    monkeypatch.setattr("ui.serve.serve", refuse)
    assert app.main([]) == 2
    assert capsys.readouterr().err == "error: The port is taken.\n"


def test_a_tunnel_needs_a_password_or_a_clear_wish(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--share"]) == 2
    assert "--auth NAME, or --public" in capsys.readouterr().err
    for given in ("ann", "ann:", "", ":secret"):
        assert app.main(["--share", "--auth", given]) == 2
        assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")
    assert set(PageAccess(share=True, auth="ann:a:b").launch_options()) == {"share", "auth"}
    assert PageAccess(share=True, public=True).launch_options() == {"share": True}
    assert PageAccess().launch_options() == {"share": False}


def test_the_style_sheet_is_not_escaped_like_html() -> None:
    assert " > " in style_sheet()
    assert "&" not in style_sheet()
