"""Receives uploads, passes them to the renderers, streams progress and serves videos."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import FastAPI, Request
from ray.exceptions import RayError
from ray.serve.exceptions import BackPressureError
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from studio.client_address import address_of
from studio.outputs_ready import prepare_outputs
from studio.serving.login import Login
from studio.serving.request import VideoForm, VideoRequest, limited, read_request
from studio.serving.request_limits import RequestLimits, RequestPlace, ServerFull
from studio.serving.routes import routes
from studio.serving.video_store import VideoStore
from studio.settings import Settings

FOLDER = "served"
PATIENCE = 1.0
"""Seconds in which a full queue in front of all renderers is noticed."""
PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
LINES = "application/x-ndjson"


class ServingApi:
    """One replica serves many visitors at once: it only waits, and the renderers work."""

    def __init__(self, renderer: Any, engines: Sequence[str]) -> None:
        """renderer: the handle of the rendering deployment.

        Raises OutputError if no video can be stored.
        """
        settings = self._settings = Settings()
        prepare_outputs(settings, history=False)
        self._renderer, self._engines = renderer, list(engines)
        self._max_bytes = settings.max_upload_mb * 1_000_000
        self._kept = VideoStore(settings.outputs.absolute() / FOLDER, settings.keep_hours)
        self._login = Login.of(settings.serve_tokens)
        self._room = RequestLimits(
            settings.serve_requests, settings.serve_requests_per_caller, settings.serve_mb * 1_000_000
        )

    def __serve_build_asgi_app__(self) -> FastAPI:
        """The routes; Ray Serve calls this when the replica starts."""
        return routes(self)

    def enter(self, request: Request) -> RequestPlace:
        """A place for a request that makes a video. Raises NotLoggedIn, FromWebsite, CallerFull,
        ServerFull.
        """
        caller = self.check(request)
        self._login.refuse_websites(request.headers)
        return self._room.enter(caller or address_of(request.scope, self._settings))

    def check(self, request: Request) -> str:
        """The caller of a request; "" without a login. Raises NotLoggedIn."""
        return self._login.check(request.headers.get("authorization"))

    def bounded(self, request: Request, place: RequestPlace) -> Request:
        """The request, with a body that is refused as soon as it is too large or too slow."""
        length = request.headers.get("content-length")
        return Request(request.scope, limited(request.receive, length, self._max_bytes, place.took))

    def video(self, token: str) -> Response:
        """The video of a token. Raises NoVideo."""
        return FileResponse(self._kept.find(token), media_type="video/mp4", headers=PRIVATE)

    def delete(self, token: str) -> None:
        """Delete the video of a token. Raises NoVideo."""
        self._kept.delete(token)

    async def make(self, form: VideoForm, place: RequestPlace, *, whole: bool) -> Response:
        """Make a video. whole: respond with the video instead of a line for every event.

        Raises InputError for an invalid form.
        """
        order = await read_request(form, self._engines, self._max_bytes)
        events = _QueuedRequest(self._renderer, order, self._kept)
        if not await events.accepted():
            raise ServerFull("Too many videos are waiting; try again in a minute.")
        if whole:
            return await self._whole(events)
        return StreamingResponse(_lines(events, place), media_type=LINES, headers=PRIVATE)

    async def _whole(self, events: _QueuedRequest) -> Response:
        last: dict[str, Any] = {}
        async for event in events.stream():
            last = event
        if "error" in last:
            return JSONResponse({"error": last["error"]}, 500 if last.get("fault") else 422)
        headers = PRIVATE | {"Location": last["video"]}
        return FileResponse(self._kept.find(events.token), media_type="video/mp4", headers=headers)


class _QueuedRequest:
    """One visitor's request, from being queued to its end."""

    def __init__(self, renderer: Any, order: VideoRequest, kept: VideoStore) -> None:
        self.token, video = kept.new()
        self._stream = renderer.options(stream=True).render.remote(order, str(video))
        self._first = asyncio.ensure_future(anext(self._stream))

    async def accepted(self) -> bool:
        """False if too many requests are already waiting."""
        done, _ = await asyncio.wait([self._first], timeout=PATIENCE)
        return not (done and isinstance(self._first.exception(), BackPressureError))

    async def stream(self) -> AsyncIterator[dict[str, Any]]:
        """Every event; if the client disconnects, the work ends."""
        try:
            if not self._first.done():
                yield {"state": "waiting"}
            yield self._addressed(await self._first)
            async for event in self._stream:
                yield self._addressed(event)
        except RayError:
            yield {"error": "The worker ended during your request; send it again.", "fault": True}
        finally:
            self._stream.cancel()

    def _addressed(self, event: dict[str, Any]) -> dict[str, Any]:
        return event | ({"video": f"/videos/{self.token}"} if event.get("state") == "done" else {})


async def _lines(events: _QueuedRequest, place: RequestPlace) -> AsyncIterator[str]:
    try:
        async for event in events.stream():
            yield json.dumps(event) + "\n"
    finally:
        place.leave()
