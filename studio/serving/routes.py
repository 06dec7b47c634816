"""The routes of the deployment: their inputs, answers and errors, as /openapi.json describes them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, FastAPI, Form, Header, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from media.errors import InputError, JoyStudioError
from studio.serving.login import FromWebsite, NotLoggedIn
from studio.serving.request import FILES, TooLarge, TooSlow, VideoForm, explain_form
from studio.serving.request_limits import CallerFull, RequestPlace, ServerFull
from studio.serving.video_store import NoVideo

USE = (
    "POST /videos: send a form with the files portrait and voice, consent=true, and optionally engine, "
    "preset, seed, face_index, audio_track, options (a JSON object) and accept_long (true for a video that "
    "takes over half an hour). Instead of the voice, you can send a "
    "text, with optional language, speech_engine, speech_voice and speed. For a second face, send the file "
    "second_voice, with optional second_start and second_face, or stereo_voices=true for a voice with a "
    "channel for each face. For a recorded performance, send the file performance, with or without a "
    "voice, and optional performance_rate, performance_angles and performance_mouth. The server answers with "
    "one line of JSON per progress event; the last one has the address of the video. With the header "
    "Accept: video/mp4, it answers with the video.\n"
    "GET /videos/TOKEN: the video. DELETE /videos/TOKEN: deletes it.\n"
    "GET /openapi.json: this description for programs.\n"
    "If the server has a login, everything under /videos needs the header Authorization: Bearer TOKEN.\n"
)
UNREADABLE = "The form cannot be read ({}); send multipart/form-data with the files portrait and voice."
NOTHING = "There is nothing here; GET / describes this server."
FAULT = "Something went wrong here; the server's log says what."
LATER = {"Retry-After": "60"}
FORM_LIMITS: Any = {"max_files": len(FILES), "max_fields": len(VideoForm.model_fields)}
_STATUS: dict[type[JoyStudioError], tuple[int, dict[str, str]]] = {
    NotLoggedIn: (401, {"WWW-Authenticate": "Bearer"}),
    FromWebsite: (403, {}),
    NoVideo: (404, {}),
    TooSlow: (408, {}),
    TooLarge: (413, {}),
    InputError: (422, {}),
    CallerFull: (429, LATER),
    ServerFull: (503, LATER),
}
_MEANINGS = {
    400: "The form cannot be read.",
    401: "The request has no token, or an unknown one.",
    403: "A website made a browser send the request, and the server has no login.",
    404: "The video does not exist, or no longer.",
    408: "The upload stalled.",
    413: "A file is too large.",
    422: "The form has a missing or invalid field, or its files cannot be used.",
    429: "The caller has reached the limit of open requests.",
    500: "Something is wrong with the server.",
    503: "All callers together have reached the limit of open requests or bytes.",
}


class Refusal(BaseModel):
    """Why there is no video."""

    error: str = Field(description="One or two sentences for a person.")


class VideoService(Protocol):
    """The service behind the routes: `studio.serving.api.ServingApi`."""

    def enter(self, request: Request) -> RequestPlace: ...
    def check(self, request: Request) -> str: ...
    def bounded(self, request: Request, place: RequestPlace) -> Request: ...
    def video(self, token: str) -> Response: ...
    def delete(self, token: str) -> None: ...
    async def make(self, form: VideoForm, place: RequestPlace, *, whole: bool) -> Response: ...


class GuardedRoute(APIRoute):
    """Checks login and limits before any of the body is read, which FastAPI would do first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            entry: VideoService = request.app.state.entry
            if request.method != "POST":
                entry.check(request)
                return await answer(request)
            place = entry.enter(request)
            request.state.place = place
            try:
                response = await answer(entry.bounded(request, place))
            except BaseException as error:
                place.leave()
                # FastAPI gives one answer for every error while reading a body.
                if isinstance(error, HTTPException) and isinstance(error.__cause__, JoyStudioError):
                    raise error.__cause__ from None
                raise
            if isinstance(response, StreamingResponse):
                weakref.finalize(response, place.leave)  # also for a response that is never sent
            else:
                place.leave()
            return response

        return guarded


def routes(entry: VideoService) -> FastAPI:
    """The application of one replica. Its description needs no login; no page loads scripts."""
    app = FastAPI(
        title="JoyStudio",
        description="A portrait and a voice become a talking-head video.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.entry = entry
    for kind in (JoyStudioError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _refused)

    @app.get("/", response_class=PlainTextResponse, summary="How to use this server")
    async def use() -> str:
        return USE

    app.include_router(_videos(entry))
    return app


def _videos(entry: VideoService) -> APIRouter:
    token = HTTPBearer(auto_error=False, description="A token of the owner's file, if the server has one.")
    videos = APIRouter(prefix="/videos", route_class=GuardedRoute, dependencies=[Security(token)])
    mp4: dict[str, Any] = {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}
    lines: dict[str, Any] = {"application/x-ndjson": {"schema": {"type": "string"}}}

    @videos.post("/", include_in_schema=False, form_limits=FORM_LIMITS)
    @videos.post(
        "",
        summary="Make a video",
        response_class=StreamingResponse,
        responses=_answers("Events, or the video.", lines | mp4, 400, 401, 403, 408, 413, 422, 429, 500, 503),
        form_limits=FORM_LIMITS,
    )
    async def make(
        request: Request,
        form: Annotated[VideoForm, Form(media_type="multipart/form-data")],
        accept: Annotated[str, Header(description="video/mp4 for the video itself.")] = "*/*",
    ) -> Response:
        return await entry.make(form, request.state.place, whole="video/mp4" in accept)

    @videos.get(
        "/{token}",
        summary="The video",
        response_class=Response,
        responses=_answers("The video.", mp4, 401, 404, 422, 500),
    )
    async def video(token: str) -> Response:
        return entry.video(token)

    @videos.delete(
        "/{token}", summary="Delete a video", status_code=204, responses=_refusals(401, 404, 422, 500)
    )
    async def delete(token: str) -> None:
        entry.delete(token)

    return videos


def _answers(description: str, content: dict[str, Any], *statuses: int) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": description, "content": content}, **_refusals(*statuses)}


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Refusal, "description": _MEANINGS[status]} for status in statuses}


async def _refused(_: Request, error: Exception) -> Response:
    """An error in our words: from our errors, a form that FastAPI refuses, its other errors, and faults.

    Faults are in the log, too.
    """
    if isinstance(error, RequestValidationError):
        return _answer(422, explain_form(error.errors()))
    if isinstance(error, HTTPException):
        if error.status_code in (404, 405):  # a wrong method counts as a wrong address, too
            return _answer(404, NOTHING)
        text = str(error.detail).rstrip(".")
        text = UNREADABLE.format(text) if error.status_code == 400 else f"{text}."
        return _answer(error.status_code, text, dict(error.headers or {}))
    if not isinstance(error, JoyStudioError):
        return _answer(500, FAULT)
    status, headers = next((answer for kind, answer in _STATUS.items() if isinstance(error, kind)), (500, {}))
    return _answer(status, str(error), headers)


def _answer(status: int, text: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": " ".join(text.split())}, status, headers)
