"""The routes of the deployment, without Ray: descriptions and refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request, Response, UploadFile
from fastapi.testclient import TestClient

from media.errors import OptionError
from studio.serving.request import VideoForm, VideoRequest, limited, read_request
from studio.serving.request_limits import RequestLimits, RequestPlace
from studio.serving.routes import FAULT, routes

MOST = 100_000
FILES = {"portrait": b"p" * 10, "voice": b"v" * 10}


class Reader:
    """Reads requests and makes no videos."""

    def __init__(self) -> None:
        self.room, self.orders = RequestLimits(2, 2, 10 * MOST), list[VideoRequest]()

    def enter(self, request: Request) -> RequestPlace:
        return self.room.enter("somebody")

    def check(self, request: Request) -> str:
        return ""

    def bounded(self, request: Request, place: RequestPlace) -> Request:
        length = request.headers.get("content-length")
        return Request(request.scope, limited(request.receive, length, MOST, place.took))

    def video(self, token: str) -> Response:
        return Response(token)

    def delete(self, token: str) -> None:
        pass

    async def make(self, form: VideoForm, place: RequestPlace, *, whole: bool) -> Response:
        self.orders.append(await read_request(form, ["preview"], MOST))
        return Response("whole" if whole else "lines")


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def web(reader: Reader) -> TestClient:
    return TestClient(routes(reader))


def test_a_form_is_read_with_its_types(web: TestClient, reader: Reader) -> None:
    data = {"consent": "true", "seed": "7", "face_index": "1", "audio_track": "", "options": '{"fps": 30}'}
    assert web.post("/videos", files=FILES, data=data).text == "lines"
    assert web.post("/videos/", files=FILES, data=data, headers={"Accept": "video/mp4"}).text == "whole"
    for order in reader.orders:
        assert (order.portrait, order.voice) == (FILES["portrait"], FILES["voice"])
        assert order.wish["seed"] == 7
        assert order.wish["face_index"] == 1
        assert "audio_track" not in order.wish
        assert order.wish["options"] == {"fps": 30}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "consent=true"),
        ({"consent": "1"}, "consent=true"),
        ({"consent": "true", "seed": "x"}, "The form's seed is 'x', but takes 0 to 4294967295."),
        ({"consent": "true", "face_index": "100"}, "face_index is '100', but takes 0 to 99"),
        ({"consent": "true", "audio_track": "0"}, "audio_track is '0', but takes 1 to 999"),
        ({"consent": "true", "engine": "none"}, "Available: preview"),
    ],
)
def test_a_wrong_field_is_named_with_what_it_takes(
    web: TestClient, reader: Reader, data: dict[str, str], said: str
) -> None:
    answer = web.post("/videos", files=FILES, data=data)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert not reader.orders


@pytest.mark.parametrize(
    "sent", [{}, {"files": {"portrait": b"p"}}, {"data": {"voice": "text"}}, {"json": {}}]
)
def test_a_missing_file_is_named(web: TestClient, sent: dict[str, Any]) -> None:
    answer = web.post("/videos", **sent)
    assert answer.status_code == 422
    assert "The form has no file called" in answer.json()["error"]


def test_a_text_may_take_the_voices_place(web: TestClient, reader: Reader) -> None:
    portrait = {"portrait": FILES["portrait"]}
    data = {"consent": "true", "text": "Hello.", "language": "en", "speech_voice": "man", "speed": "1.5"}
    assert web.post("/videos", files=portrait, data=data).text == "lines"
    (order,) = reader.orders
    assert order.voice is None
    spoken = order.wish["spoken"]
    assert (spoken.text, spoken.language, spoken.voice, spoken.speed) == ("Hello.", "en", "man", 1.5)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": "你好", "language": "en"}, "2 characters of the text are not read in English"),
        ({"text": "Hi", "speed": "9"}, "speed is '9', but takes 0.5 to 2"),
        ({"text": "Hi", "speech_engine": "none"}, "no speech engine called 'none'"),
        ({"speed": "1"}, "The form has no file called voice; send one, or a text"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_refused(
    web: TestClient, reader: Reader, more: dict[str, str], said: str
) -> None:
    answer = web.post("/videos", files={"portrait": FILES["portrait"]}, data={"consent": "true"} | more)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    both = web.post("/videos", files=FILES, data={"consent": "true", "text": "Hi"})
    assert "a recording and a text" in both.json()["error"]
    assert not reader.orders


def _in_pieces(size: int) -> Iterator[bytes]:
    yield b'--b\r\nContent-Disposition: form-data; name="voice"; filename="a"\r\n\r\n'
    for _ in range(size // 50_000):
        yield bytes(50_000)


@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")  # Serve's own
def test_a_website_is_informed_that_a_server_without_a_login_makes_it_no_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.serving.api import ServingApi

    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    web = TestClient(routes(ServingApi(None, ["preview"])))
    sent = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = web.post("/videos", files=FILES, data={"consent": "true"}, headers=sent)
    assert answer.status_code == 403
    assert "A website made your browser send this request" in answer.json()["error"]
    assert web.post("/videos", files=FILES, data={"consent": "false"}).status_code == 422


class Events:
    """What Ray Serve gives for a call of a renderer: its events, in order."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self._left = list(events)

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> dict[str, Any]:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop(0)

    def cancel(self) -> None:
        self._left.clear()


@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")  # Serve's own
@pytest.mark.parametrize(("fault", "status"), [(False, 422), (True, 500)])
def test_a_request_for_the_video_itself_is_refused_with_a_described_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: bool, status: int
) -> None:
    from studio.serving.api import ServingApi

    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    error = {"error": "There is no face.", "fault": fault}
    call = SimpleNamespace(remote=lambda *_: Events({"state": "started"}, error))
    handle = SimpleNamespace(options=lambda **_: SimpleNamespace(render=call))
    web = TestClient(routes(ServingApi(handle, ["preview"])))
    headers = {"Accept": "video/mp4"}
    answer = web.post("/videos", files=FILES, data={"consent": "true"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, "There is no face.")
    described = web.get("/openapi.json").json()["paths"]["/videos"]["post"]["responses"]
    assert str(status) in described
    assert "form" not in described["500"]["description"]


def test_a_fault_is_answered_as_described(
    web: TestClient, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(token: str) -> Response:
        raise RuntimeError("secret")

    monkeypatch.setattr(reader, "video", broken)
    answer = TestClient(web.app, raise_server_exceptions=False).get("/videos/x")
    assert answer.status_code == 500
    assert answer.json() == {"error": FAULT}


def test_too_large_a_body_is_refused_while_it_arrives(web: TestClient) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = web.post("/videos", content=_in_pieces(2_000_000), headers=kind)
    assert answer.status_code == 413
    assert "may have 0.1 MB" in answer.json()["error"]
    assert "Content-Length" not in answer.request.headers


def test_a_body_that_is_not_a_form_is_refused(web: TestClient) -> None:
    answer = web.post(
        "/videos", content=b"no form", headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 400
    assert "cannot be read" in answer.json()["error"]
    more = FILES | {"second_voice": b"x", "performance": b"x", "fifth": b"x"}
    fifth = web.post("/videos", files=more, data={"consent": "true"})
    assert fifth.status_code == 400
    assert "number of files is 4" in fifth.json()["error"]


def test_a_form_with_a_recorded_performance_needs_no_voice(tmp_path: Path) -> None:
    def sent(**fields: Any) -> VideoRequest:
        files = {"portrait": UploadFile(BytesIO(b"a face")), "consent": "true"}
        form = VideoForm.model_validate(files | fields)
        return asyncio.run(read_request(form, ["preview"], 1000))

    take = b"time,JawOpen\n0,0\n1,1\n"
    request = sent(performance=UploadFile(BytesIO(take)), performance_rate="30")
    job = request.job(tmp_path, tmp_path / "a.mp4")
    assert job.performance is not None
    assert job.performance.file.read_bytes() == take
    assert (job.performance.rate, job.performance.mouth, job.voice) == ("30", "file", None)
    with pytest.raises(OptionError, match="there is none"):
        sent(performance=UploadFile(BytesIO(take)), performance_mouth="voice")
    with pytest.raises(OptionError, match="Give its file, too"):
        sent(voice=UploadFile(BytesIO(b"a voice")), performance_mouth="voice")
    with pytest.raises(OptionError, match="no file called voice"):
        sent()


def test_every_refusal_gives_its_place_back(web: TestClient) -> None:
    for _ in range(5):
        assert web.post("/videos", files=FILES).status_code == 422
        assert web.post("/videos", files=FILES | {"voice": bytes(2 * MOST)}).status_code in (413, 422)


def test_the_description_lists_the_existing_routes(web: TestClient) -> None:
    described = web.get("/openapi.json").json()
    assert {path: set(kinds) for path, kinds in described["paths"].items()} == {
        "/": {"get"},
        "/videos": {"post"},
        "/videos/{token}": {"get", "delete"},
    }
    form = described["components"]["schemas"]["VideoForm"]
    assert set(form["required"]) == {"portrait"}
    assert set(form["properties"]) == set(VideoForm.model_fields)
    assert all(field.get("description") for field in form["properties"].values())
    post = described["paths"]["/videos"]["post"]
    assert {"401", "413", "422", "429", "503"} <= set(post["responses"])
    refusals = [answer for status, answer in post["responses"].items() if status >= "400"]
    assert {answer["content"]["application/json"]["schema"]["$ref"] for answer in refusals} == {
        "#/components/schemas/Refusal"
    }
    assert post["security"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/videos"), ("PUT", "/videos/x"), ("GET", "/docs")])
def test_all_other_routes_are_404(web: TestClient, method: str, path: str) -> None:
    answer = web.request(method, path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.json()["error"]
