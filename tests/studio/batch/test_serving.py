from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import numpy as np
import pytest
import yaml
from PIL import Image
from skimage import data

from media.ray_session import ROOT
from media.video_reader import VideoReader
from tests.conftest import VOICE_SECONDS, write_voice
from tests.media.decoding.processes import helper_of, wait_until
from tests.studio.batch.conftest import EVERYWHERE

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")  # Serve's own


TOKENS = ("0123456789abcdef" * 2, "fedcba9876543210" * 2)
WEB, OTHER = (httpx.Client(headers={"Authorization": f"Bearer {token}"}) for token in TOKENS)
MOST = 5
"""Requests of one caller."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the deployment keeps its videos."""
    return tmp_path_factory.mktemp("serving")


@pytest.fixture(scope="module")
def address(ray: ModuleType, served: Path) -> Iterator[str]:
    """The deployment of studio/serving/serve.yaml, with a port and an engine for tests."""
    from ray import serve
    from ray.serve.context import _get_global_client
    from ray.serve.schema import ServeDeploySchema

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = yaml.safe_load((ROOT / "studio" / "serving" / "serve.yaml").read_text(encoding="utf-8"))
    config["http_options"]["port"] = port
    (application,) = config["applications"]
    application["args"]["engines"].append("clumsy")
    tokens = served / "tokens.txt"
    tokens.write_text("# ann, ben\n" + "\n".join(TOKENS))
    own = application["runtime_env"]["env_vars"] | {
        "JOYSTUDIO_OUTPUTS": str(served), "JOYSTUDIO_MAX_UPLOAD_MB": "1",
        "JOYSTUDIO_SERVE_TOKENS": str(tokens), "JOYSTUDIO_SERVE_REQUESTS_PER_CALLER": str(MOST),
    }  # fmt: skip
    application["runtime_env"] = EVERYWHERE | {"env_vars": own | {"PYTHONPATH": str(ROOT)}}
    (renderer,) = (one for one in application["deployments"] if one["name"] == "Renderer")
    renderer |= {"max_queued_requests": 1, "graceful_shutdown_timeout_s": 2}
    assert renderer["num_replicas"] == 2
    serve.start(proxy_location=config["proxy_location"], http_options=config["http_options"])
    # Not blocking: Serve itself would give up after a minute, which a busy machine needs for the replicas.
    _get_global_client().deploy_apps(ServeDeploySchema.model_validate(config), _blocking=False)
    wait_until(lambda: begun(serve.status().applications.values()), "the application runs", 300)
    yield f"http://127.0.0.1:{port}"
    serve.shutdown()


def begun(applications: Iterable[Any]) -> bool:
    """Whether all of them run; fails if one cannot."""
    failed = [one.message for one in applications if one.status == "DEPLOY_FAILED"]
    assert not failed, failed
    return {str(one.status.value) for one in applications} == {"RUNNING"}


@pytest.fixture
def files(portrait_file: Path, voice_file: Path) -> dict[str, Any]:
    return {"portrait": portrait_file.read_bytes(), "voice": voice_file.read_bytes()}


def form(**fields: Any) -> dict[str, str]:
    options = json.dumps(fields.pop("options", {}))
    return {"consent": "true", "options": options, **{name: str(value) for name, value in fields.items()}}


def test_a_form_becomes_a_video_under_an_address_of_its_own(
    address: str, files: dict[str, Any], served: Path, tmp_path: Path
) -> None:
    data = form(preset="calm", seed=3, options={"fps": 30})
    with WEB.stream("POST", f"{address}/videos", files=files, data=data, timeout=60) as answer:
        assert answer.status_code == 200
        told = [json.loads(line) for line in answer.iter_lines()]
    fractions = [one["fraction"] for one in told if "fraction" in one]
    assert len(fractions) > 2
    assert fractions == sorted(fractions)
    last = told[-1]
    assert (last["state"], last["seed"], last["fps"], last["options"]["fps"]) == ("done", 3, 30, 30)
    assert not {"path", "job_id", "motion"} & set(last)

    video = WEB.get(address + last["video"])
    assert (video.status_code, video.headers["content-type"]) == (200, "video/mp4")
    assert "no-store" in video.headers["cache-control"]
    (tmp_path / "a.mp4").write_bytes(video.content)
    assert VideoReader(tmp_path / "a.mp4").fps == 30
    (replica,) = (one["process"] for one in told if "process" in one)
    assert helper_of(replica)  # the files were decoded in processes of their own
    (kept,) = (served / "served").iterdir()
    assert kept.stem not in last["video"]  # a list of the folder tells no address
    assert not (served / "history.sqlite").exists()
    assert WEB.delete(address + last["video"]).status_code == 204
    assert WEB.get(address + last["video"]).status_code == 404
    assert not kept.exists()


def test_the_video_itself_can_be_the_answer(address: str, files: dict[str, Any], tmp_path: Path) -> None:
    headers = {"Accept": "video/mp4"}
    answer = WEB.post(f"{address}/videos", files=files, data=form(engine="clumsy"), headers=headers)
    assert answer.status_code == 200
    assert answer.content[4:8] == b"ftyp"
    assert WEB.get(address + answer.headers["location"]).content == answer.content


def test_two_faces_speak_with_a_voice_each(address: str, files: dict[str, Any], tmp_path: Path) -> None:
    face = Image.fromarray(data.astronaut()[:320, 60:380])
    couple = Image.new("RGB", (620, 320), "grey")
    couple.paste(face, (0, 0))
    couple.paste(face.resize((260, 260)), (340, 30))
    couple.save(tmp_path / "couple.png")
    sent = files | {"portrait": (tmp_path / "couple.png").read_bytes(), "second_voice": files["voice"]}
    still = {"head_motion": 0.0, "blink_rate": 0.0, "expression": 0.0}
    for start, seconds in ((None, 2 * VOICE_SECONDS), (0.5, 0.5 + VOICE_SECONDS)):
        fields = {} if start is None else {"second_start": start}
        data_sent = form(second_face=1, options=still, **fields)
        with WEB.stream("POST", f"{address}/videos", files=sent, data=data_sent, timeout=60) as answer:
            told = [json.loads(line) for line in answer.iter_lines()]
        assert told[-1]["state"] == "done"
        assert abs(next(one for one in told if one["state"] == "started")["frames"] - 25 * seconds) <= 1
        (tmp_path / "a.mp4").write_bytes(WEB.get(address + told[-1]["video"]).content)
        frames = np.stack(list(VideoReader(tmp_path / "a.mp4"))).astype(int)
        early, late = (
            np.abs(part - part[0]).max(axis=(0, 1, 3)) > 60 for part in (frames[:10], frames[-16:-2])
        )
        assert early[:320].any()  # the first face
        assert late[340:].any()
        assert not early[340:].any()


def test_two_replicas_work_at_once_and_one_caller_too_many_is_refused(
    address: str, files: dict[str, Any], tmp_path: Path
) -> None:
    pipes = [tmp_path / f"pipe{number}" for number in range(2)]
    streams = []
    for number, pipe in enumerate(pipes):
        os.mkfifo(pipe)
        options = {"notes": str(tmp_path), "waits_for": str(pipe)}
        data = form(engine="clumsy", seed=number, options=options)
        context = WEB.stream("POST", f"{address}/videos", files=files, data=data, timeout=60)
        streams.append((context, context.__enter__().iter_lines()))
    processes = {_until(lines, "started")["process"] for _, lines in streams}
    assert len(processes) == 2
    third = WEB.stream("POST", f"{address}/videos", files=files, data=form(engine="clumsy"), timeout=60)
    waiting = third.__enter__().iter_lines()
    assert json.loads(next(waiting)) == {"state": "waiting"}
    fourth = WEB.post(f"{address}/videos", files=files, data=form(engine="clumsy"), timeout=60)
    assert (fourth.status_code, fourth.headers["retry-after"]) == (503, "60")
    for pipe in pipes:
        pipe.write_bytes(b"go on")
    assert all(_until(lines, "done") for _, lines in streams)
    assert _until(waiting, "done")
    for context in (third, *(context for context, _ in streams)):
        context.__exit__(None, None, None)


def test_a_client_that_leaves_stops_the_work(
    address: str, files: dict[str, Any], served: Path, tmp_path: Path
) -> None:
    before = set((served / "served").iterdir())
    long = files | {"voice": write_voice(tmp_path / "long.wav", seconds=30).read_bytes()}
    with WEB.stream("POST", f"{address}/videos", files=long, data=form(), timeout=60) as answer:
        _until(answer.iter_lines(), "started")
    # Both replicas take another, which they do when the one before has come to its end.
    headers = {"Accept": "video/mp4"}
    for seed in range(4):
        data = form(engine="clumsy", seed=seed)
        assert WEB.post(f"{address}/videos", files=files, data=data, headers=headers, timeout=60).is_success
    after = set((served / "served").iterdir()) - before
    assert len(after) == 4
    assert {path.suffix for path in after} == {".mp4"}


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"consent": "yes"}, 422, "consent=true"),
        ({"engine": "joyhallo"}, 422, "Available: preview, clumsy"),
        ({"preset": "none"}, 422, "no preset"),
        ({"seed": "-1"}, 422, "seed"),
        ({"options": "{"}, 422, "not JSON"),
        ({"options": "[1]"}, 422, "JSON object"),
        ({"options": '{"fps": 1000}'}, 422, "takes"),
        ({"second_start": "0"}, 422, "for a second voice"),
        ({"second_face": "100", "stereo_voices": "true"}, 422, "second_face"),
        ({"second_start": "1", "stereo_voices": "true"}, 422, "right channel is the second voice"),
    ],
)
def test_invalid_values_are_reported_before_any_work(
    address: str, files: dict[str, Any], change: dict[str, str], status: int, said: str
) -> None:
    answer = WEB.post(f"{address}/videos", files=files, data=form() | change)
    assert answer.status_code == status
    assert said in answer.json()["error"]


def test_missing_and_too_large_files_are_refused(address: str, files: dict[str, Any]) -> None:
    without = WEB.post(f"{address}/videos", files={"portrait": files["portrait"]}, data=form())
    assert (without.status_code, without.json()["error"]) == (
        422,
        "The form has no file called voice; send one, or a text in the field text.",
    )
    for size in (1_100_000, 4_200_000):  # one file too large, and the whole form
        answer = WEB.post(f"{address}/videos", files=files | {"voice": bytes(size)}, data=form())
        assert answer.status_code == 413
        assert "may have 1 MB" in answer.json()["error"]


def test_a_portrait_without_a_face_is_reported_at_the_end(address: str, files: dict[str, Any]) -> None:
    answer = WEB.post(f"{address}/videos", files=files | {"portrait": b"no picture"}, data=form(), timeout=60)
    assert "not a readable image" in json.loads(answer.text.splitlines()[-1])["error"]
    headers = {"Accept": "video/mp4"}
    answer = WEB.post(
        f"{address}/videos",
        files=files | {"portrait": b"no picture"},
        data=form(),
        headers=headers,
        timeout=60,
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "sent", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKENS[0]}"}]
)
def test_without_a_token_no_video_is_made_or_served(
    address: str, files: dict[str, Any], sent: dict[str, str]
) -> None:
    for answer in (
        httpx.post(f"{address}/videos", files=files, data=form(), headers=sent),
        httpx.get(f"{address}/videos/{'A' * 43}", headers=sent),
        httpx.delete(f"{address}/videos/{'A' * 43}", headers=sent),
    ):
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert "Authorization: Bearer TOKEN" in answer.json()["error"]
    assert "POST /videos" in httpx.get(f"{address}/", headers=sent).text
    assert "/videos/{token}" in httpx.get(f"{address}/openapi.json", headers=sent).json()["paths"]


def test_one_caller_has_a_limit_of_open_requests(address: str, files: dict[str, Any]) -> None:
    host, port = address.removeprefix("http://").split(":")
    begun = (
        f"POST /videos HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKENS[1]}\r\nContent-Type: "
        "multipart/form-data; boundary=b\r\nContent-Length: 9000\r\n\r\n--b\r\n"
    ).encode()
    lines = [socket.create_connection((host, int(port))) for _ in range(MOST)]
    for line in lines:
        line.sendall(begun)
    _wait_for(OTHER, address, 429)
    answer = OTHER.post(f"{address}/videos", files=files, data=form(consent="no"))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert f"{MOST} requests of yours are open" in answer.json()["error"]
    assert WEB.post(f"{address}/videos", files=files, data=form(consent="no")).status_code == 422
    for line in lines:
        line.close()
    _wait_for(OTHER, address, 422)


def _wait_for(web: httpx.Client, address: str, status: int) -> None:
    """Until an empty form is answered with this status."""
    pause = threading.Event()
    for _ in range(500):
        if web.post(f"{address}/videos", data={"seed": "0"}).status_code == status:
            return
        pause.wait(0.02)
    raise AssertionError(f"It never was {status}.")


@pytest.mark.parametrize("path", ["videos/", "videos/" + "A" * 43, "videos/..%2f..%2fetc", "other"])
def test_unknown_addresses_are_404(address: str, path: str) -> None:
    assert WEB.get(f"{address}/{path}").status_code == 404


def _until(lines: Iterator[str], state: str) -> dict[str, Any]:
    return next(told for told in map(json.loads, lines) if told["state"] == state)
