"""The API for programs and language models: exactly the engines, as documented."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from engines import registry
from media.errors import OptionError
from studio.options import list_options
from studio.settings import Settings
from tests.ui.talking import write_talking_video
from tests.ui.visit import Files
from ui.api.parameters import parameters_of
from ui.app import build, launch_options
from ui.serve import PageAccess

ROOT = Path(__file__).resolve().parents[2]
ENGINES = [f"/{name}" for name in registry.SHIPPED]
ENDPOINTS = [*ENGINES, "/dub", "/compare", "/videos", "/delete", "/curves"]
TEXT = ["text", "language", "speech_engine", "speech_voice", "speed"]
SECOND = ["second_voice", "stereo_voices", "second_start", "second_face"]
PERFORMANCE = ["performance", "performance_rate", "performance_angles", "performance_mouth"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("api"))
    page = build(settings)
    arguments = launch_options(settings, page) | PageAccess(mcp=True).launch_options()
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **arguments)
    yield url
    page.close(verbose=False)


def test_the_documented_lines_work(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "from-python.md").read_text(encoding="utf-8")
    found = re.search(r"```python server\n(.*?)```", text, re.DOTALL)
    assert found is not None
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(found[1].replace("http://127.0.0.1:7860/", url), names)
    said = capsys.readouterr().out
    assert re.search(r"rendering \d+%, [\d.]+ s left", said)
    video, facts = Path(str(names["video"])), names["facts"]
    assert b"ftyp" in video.read_bytes()[:16]
    assert isinstance(facts, dict)
    assert (facts["engine"], facts["preset"], facts["seed"]) == ("preview", "calm", 7)
    assert facts["options"]["head_motion"] == 0.5


def test_a_program_sends_a_performance_instead_of_a_voice(url: str, tmp_path: Path) -> None:
    from gradio_client import handle_file

    take = tmp_path / "take.csv"
    take.write_text("JawOpen\n" + "".join(f"{i % 10 / 10}\n" for i in range(30)))
    portrait = handle_file(str(ROOT / "examples" / "portraits" / "astronaut.png"))
    client = Client(url, verbose=False)
    asked: dict[str, Any] = {"portrait": portrait, "consent": True, "api_name": "/preview"}
    _, facts = client.predict(**asked, performance=handle_file(str(take)), performance_rate="30")
    assert facts["duration"] == pytest.approx(1.0, abs=0.01)
    with pytest.raises(AppError, match="how many frames a second has"):
        client.predict(**asked, performance=handle_file(str(take)))
    with pytest.raises(AppError, match="is for a recorded performance"):
        client.predict(**asked, text="Hello.", performance_mouth="voice")


def test_a_program_sends_a_text_instead_of_a_voice(url: str) -> None:
    from gradio_client import handle_file

    portrait = handle_file(str(ROOT / "examples" / "portraits" / "astronaut.png"))
    client = Client(url, verbose=False)
    asked: dict[str, Any] = {"portrait": portrait, "consent": True, "api_name": "/preview"}
    _, facts = client.predict(**asked, text="Hello.", speech_voice="man", speed=1.5)
    assert facts["generated_voice"] == {"engine": "espeak", "voice": "man", "language": "en", "speed": 1.5}
    with pytest.raises(AppError, match="has no voice 'ghost'"):
        client.predict(**asked, text="Hello.", speech_voice="ghost")
    with pytest.raises(AppError, match="There is no voice yet"):
        client.predict(**asked)
    with pytest.raises(AppError, match="has 5001 characters; at most 5000"):
        client.predict(**asked, text="a" * 5001)


@pytest.mark.parametrize(
    ("engine", "later"),
    [
        ("preview", [*TEXT, "portrait_edit", *SECOND, *PERFORMANCE, "accept_long"]),
        ("joyvasa", [*TEXT, "accept_long", "portrait_edit", *SECOND, *PERFORMANCE]),
        ("joyhallo", [*TEXT, "accept_long", "portrait_edit"]),
    ],
)
def test_programs_that_pass_arguments_by_position_keep_working(engine: str, later: list[str]) -> None:
    names = [one.name for one in parameters_of(engine, Settings().presets)]
    assert names[names.index("owner") + 1 :] == later


def test_the_documented_comparison_works(
    url: str, files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "from-python.md").read_text(encoding="utf-8")
    code = re.findall(r"```python server\n(.*?)```", text, re.DOTALL)[1]
    monkeypatch.chdir(ROOT)
    voice = str(files.voice)  # a shorter one
    names: dict[str, object] = {}
    exec(code.replace("http://127.0.0.1:7860/", url).replace("examples/voices/mandarin.wav", voice), names)
    made = names["files"]
    assert isinstance(made, list)
    assert {Path(path).name for path in made} >= {"side-by-side.mp4", "comparison.html", "comparison.zip"}
    assert "preview:lively,head_motion=0.5" in capsys.readouterr().out


def test_the_documented_owner_lists_and_deletes(
    url: str, files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "from-python.md").read_text(encoding="utf-8")
    code = re.findall(r"```python server\n(.*?)```", text, re.DOTALL)[2]
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    short = code.replace("examples/voices/mandarin.wav", str(files.voice))
    exec(short.replace("http://127.0.0.1:7860/", url), names)
    told = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("Loaded as API")]
    first, second, owner = names["first"], names["second"], names["owner"]
    assert "owner_token" not in second  # it is told once
    assert [line.split()[0] for line in told[:2]] == [second["id"], first["id"]]
    assert second["id"] in told[2]
    client = names["client"]
    (left,) = client.predict(owner, api_name="/videos")
    assert left["id"] == first["id"]
    with httpx.Client() as asker:
        assert asker.get(left["files"][0]).headers["content-type"] == "video/mp4"
        gone = re.search(r"http\S+\.mp4", told[0])
        assert gone
        assert asker.get(gone[0]).status_code == 404
    stranger = client.predict(**names["asked"])[1]["owner_token"]
    assert len(client.predict(stranger, api_name="/videos")) == 1
    for wrong in (stranger, None, "short", 7):
        with pytest.raises(AppError, match=r"no video|owner_token"):
            client.predict(wrong, first["id"], api_name="/delete")
    curves = client.predict(owner, first["id"], "audio2face-json", api_name="/curves")
    assert curves["frames"] == round(curves["duration"] * curves["fps"])
    with httpx.Client() as asker:
        assert len(asker.get(curves["file"]).json()["weightMat"]) == curves["frames"]
    for token, wish, reason in ((stranger, "vrma", "video"), (owner, "fbx", "There is no format")):
        with pytest.raises(AppError, match=reason):
            client.predict(token, first["id"], wish, api_name="/curves")
    assert client.predict(owner, first["id"], api_name="/delete") == {"deleted": first["id"]}
    assert client.predict(owner, api_name="/videos") == []


def test_only_the_engines_are_offered_with_every_option(url: str) -> None:
    client = Client(url, verbose=False)
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert list(endpoints["named_endpoints"]) == ENDPOINTS
    assert endpoints["unnamed_endpoints"] == {}
    for name in ENGINES:
        parameters = {one["parameter_name"]: one for one in endpoints["named_endpoints"][name]["parameters"]}
        for option in list_options(name.lstrip("/")):
            schema = parameters[option.name]["type"]
            assert schema["description"].startswith(option.help)
            assert (schema.get("minimum"), schema.get("maximum")) == (option.minimum, option.maximum)
            assert tuple(schema.get("enum", ())) == option.choices
    client.close()


def test_a_language_model_finds_the_same_tools(url: str, files: Files) -> None:
    """Lists the tools, and makes one video."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def ask() -> tuple[dict[str, dict], str]:
        async with (
            streamablehttp_client(f"{url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool.inputSchema["properties"] for tool in (await session.list_tools()).tools}
            given = {"portrait": _data(files.portrait), "voice": _data(files.voice), "consent": True}
            answer = await session.call_tool("preview", given)
            assert not answer.isError, answer.content
            return tools, " ".join(str(part) for part in answer.content)

    with ThreadPoolExecutor(1) as pool:  # the browser's tests have a loop in this thread
        tools, answer = pool.submit(lambda: asyncio.run(ask())).result()
    assert [f"/{name}" for name in tools] == ENDPOINTS
    blinks = tools["preview"]["blink_rate"]
    assert (blinks["minimum"], blinks["maximum"]) == (0.0, 3.0)
    assert "never blinks" in blinks["description"]
    assert ".mp4" in answer


def test_a_program_dubs_a_video_that_belongs_to_it(url: str, files: Files, tmp_path: Path) -> None:
    from gradio_client import handle_file

    client = Client(url, verbose=False)
    video = write_talking_video(tmp_path / "talk.mp4")
    asked: dict[str, Any] = {"video": handle_file(str(video)), "voice": handle_file(str(files.voice))}
    asked |= {"consent": True, "api_name": "/dub"}
    made, facts = client.predict(
        **asked, sync_mode="loop", person="0.5,0.4@0.5", preset="calm", options={"mouth_opening": 0.5}
    )
    assert b"ftyp" in Path(made).read_bytes()[:16]
    assert facts["dub"]["used_sync_mode"] == "loop"
    assert facts["dub"]["dubbed"] == facts["frames"] == 20
    assert (facts["preset"], facts["options"]["mouth_opening"]) == ("calm", 0.5)
    assert facts["options"]["smoothing"] == 0.45  # of the preset
    (listed,) = client.predict(facts["owner_token"], api_name="/videos")
    assert listed["id"] == facts["id"]
    for wrong, reason in (
        ({"consent": False}, "right to use"),
        ({"person": "someone"}, "is not"),
        ({"fade": 9}, "fade"),
        ({"video": handle_file(str(files.text))}, "of an unknown kind"),
        ({"voice": None}, "There is no voice yet"),
    ):
        with pytest.raises(AppError, match=reason):
            client.predict(**asked | wrong)
    assert client.predict(facts["owner_token"], facts["id"], api_name="/delete") == {"deleted": facts["id"]}


def test_without_its_package_mcp_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.serve.find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"pip install -r requirements/mcp\.txt"):
        PageAccess(mcp=True).launch_options()


def _data(path: Path) -> str:
    kind = "image/png" if path.suffix == ".png" else "audio/wav"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
