"""Takes uploads, hands them to the renderers, streams progress and gives out videos."""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import AsyncIterator, Sequence
from typing import Any

from ray.exceptions import RayError
from ray.serve.exceptions import BackPressureError
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from media.errors import InputError, JoyStudioError
from studio.client_address import address_of
from studio.outputs_ready import prepare_outputs
from studio.serving.kept import KeptVideos
from studio.serving.login import Login, NotLoggedIn
from studio.serving.order import Order, TooLarge, TooSlow, limited, read_order
from studio.serving.room import CallerFull, Place, Room, ServerFull
from studio.settings import Settings

FOLDER = "served"
PATIENCE = 1.0
"""Seconds in which it shows that all renderers have too many waiting."""
USE = (
    "POST /videos: a form with the files portrait and voice, consent=true, and if you like engine, preset, "
    "seed, face_index, audio_track and options (a JSON object). It answers with a line of JSON for every bit "
    "of progress; the last has the address of the video. With the header Accept: video/mp4 it answers with "
    "the video.\n"
    "GET /videos/TOKEN: the video. DELETE /videos/TOKEN: deletes it.\n"
    "Where the server has a login, all but this needs the header Authorization: Bearer TOKEN.\n"
)
LATER = {"Retry-After": "60"}
PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


class Door:
    """One replica of it serves many visitors at once: it does no work itself."""

    def __init__(self, renderer: Any, engines: Sequence[str]) -> None:
        """renderer: the handle of the deployment that renders.

        Raises OutputError where no video can be kept.
        """
        settings = self._settings = Settings()
        prepare_outputs(settings, history=False)
        self._renderer, self._engines = renderer, list(engines)
        self._max_bytes = settings.max_upload_mb * 1_000_000
        self._kept = KeptVideos(settings.outputs.absolute() / FOLDER, settings.keep_hours)
        self._login = Login.of(settings.serve_tokens)
        self._room = Room(
            settings.serve_requests, settings.serve_requests_per_caller, settings.serve_mb * 1_000_000
        )

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        path = request.url.path.rstrip("/")
        token = path.removeprefix("/videos/")
        try:
            if request.method == "GET" and not path:
                return Response(USE, media_type="text/plain")
            caller = self._login.check(request.headers.get("authorization"))
            if request.method == "POST" and path == "/videos":
                return await self._make(request, caller or address_of(request.scope, self._settings))
            if request.method == "GET" and token != path:
                return FileResponse(self._kept.find(token), media_type="video/mp4", headers=PRIVATE)
            if request.method == "DELETE" and token != path:
                self._kept.delete(token)
                return Response(status_code=204)
        except NotLoggedIn as error:
            return _refused(401, error, {"WWW-Authenticate": "Bearer"})
        except TooLarge as error:
            return _refused(413, error)
        except TooSlow as error:
            return _refused(408, error)
        except CallerFull as error:
            return _refused(429, error, LATER)
        except ServerFull as error:
            return _refused(503, error, LATER)
        except InputError as error:
            return _refused(404 if token != path else 400, error)
        return JSONResponse({"error": "There is nothing here; GET / tells what there is."}, 404)

    async def _make(self, request: Request, caller: str) -> Response:
        place = self._room.enter(caller)
        try:
            response = await self._answer(request, place)
        except BaseException:
            place.leave()
            raise
        if isinstance(response, StreamingResponse):
            weakref.finalize(response, place.leave)  # also of one that is never sent
        else:
            place.leave()
        return response

    async def _answer(self, request: Request, place: Place) -> Response:
        length = request.headers.get("content-length")
        receive = limited(request.receive, length, self._max_bytes, place.took)
        async with Request(request.scope, receive).form(max_files=2, max_fields=16) as form:
            order = await read_order(form, self._engines, self._max_bytes)
        events = _Waiting(self._renderer, order, self._kept)
        if not await events.accepted():
            busy = {"error": "Too many videos are waiting; try again in a minute."}
            return JSONResponse(busy, 503, headers=LATER)
        if "video/mp4" in request.headers.get("accept", ""):
            return await self._whole(events)
        return StreamingResponse(_lines(events, place), media_type="application/x-ndjson", headers=PRIVATE)

    async def _whole(self, events: _Waiting) -> Response:
        last: dict[str, Any] = {}
        async for told in events.told():
            last = told
        if "error" in last:
            return JSONResponse({"error": last["error"]}, 500 if last.get("fault") else 400)
        headers = PRIVATE | {"Location": last["video"]}
        return FileResponse(self._kept.find(events.token), media_type="video/mp4", headers=headers)


class _Waiting:
    """One visitor's order, from being queued to its end."""

    def __init__(self, renderer: Any, order: Order, kept: KeptVideos) -> None:
        self.token, video = kept.new()
        self._stream = renderer.options(stream=True).render.remote(order, str(video))
        self._first = asyncio.ensure_future(anext(self._stream))

    async def accepted(self) -> bool:
        """False where so many wait already that this one may not."""
        done, _ = await asyncio.wait([self._first], timeout=PATIENCE)
        return not (done and isinstance(self._first.exception(), BackPressureError))

    async def told(self) -> AsyncIterator[dict[str, Any]]:
        """Every event; when nobody listens any more, the work ends."""
        try:
            if not self._first.done():
                yield {"state": "waiting"}
            yield self._addressed(await self._first)
            async for told in self._stream:
                yield self._addressed(told)
        except RayError:
            yield {"error": "The worker ended in the middle of it; send it again.", "fault": True}
        finally:
            self._stream.cancel()

    def _addressed(self, told: dict[str, Any]) -> dict[str, Any]:
        return told | ({"video": f"/videos/{self.token}"} if told.get("state") == "done" else {})


async def _lines(events: _Waiting, place: Place) -> AsyncIterator[str]:
    try:
        async for told in events.told():
            yield json.dumps(told) + "\n"
    finally:
        place.leave()


def _refused(status: int, error: JoyStudioError, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": " ".join(str(error).split())}, status, headers)
