"""What messengers and search engines show of the page and of shared links: title, still and video, or a 404.

They read the HTML and run no script, so the HTML contains it: Open Graph (ogp.me), and the card of X.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import parse_qs

from gradio.route_utils import get_root_url
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.errors import InputError, OutputError
from studio.downloads import poster_size
from studio.events import Result
from studio.gallery.sharing import shared
from studio.settings import Settings
from ui.server.addresses import shared_address
from ui.server.changed_body import changing

PAGE = {
    "og:type": "website",
    "og:site_name": "JoyStudio",
    "og:title": "JoyStudio",
    "og:description": "Add a portrait and a voice, and the portrait speaks.",
    "twitter:card": "summary",
}
VIDEO = {
    "og:type": "video.other",
    "og:title": "A talking portrait, made with JoyStudio",
    "og:description": "AI-generated video from a portrait and a voice.",
    "og:image:alt": "The first frame of the video",
    "og:video:type": "video/mp4",
    "twitter:card": "summary_large_image",
}
GONE = '<meta name="robots" content="noindex">'
_FRAMEWORKS_OWN = re.compile(rb"<meta\s[^>]*(?:property|name)=\"(?:og|twitter):[^>]*>\s*", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta charset=[^>]*>", re.IGNORECASE)
"""It has to be in the first 1024 bytes (HTML, 4.2.5.4), so our tags come after it."""


class LinkPreview:
    """ASGI middleware for the page at a link's address; everything else passes unchanged.

    It answers a HEAD request itself. Gradio would write the whole page for it, and gives up its own start if
    it gets no answer within 3 seconds, as on a busy machine.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_for_page(scope):
            await self.app(scope, receive, send)
            return
        status, tags = await self._preview_of(scope)
        if scope["method"] == "HEAD":
            answer = HTMLResponse(status_code=status)
            del answer.headers["content-length"]  # it would be that of the page
            await answer(scope, receive, send)
            return
        tagged = changing(send, wanted=_is_page, change=lambda page: _with_tags(page, tags), status=status)
        await self.app(scope, receive, tagged)

    async def _preview_of(self, scope: Scope) -> tuple[int, str]:
        """The status of the page at this address, and the tags for it."""
        token = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("run", [""])[0]
        if not token:
            return 200, _meta(PAGE)
        try:
            result = (await run_in_threadpool(shared, token, self.settings)).result
        except InputError:
            return 404, GONE
        except OutputError:  # the history is busy, and the page itself reports it
            return 200, _meta(PAGE)
        return 200, _meta(PAGE | VIDEO | _addresses(scope, token, result))


def _is_for_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    return scope["path"].removeprefix(scope.get("root_path", "")) in ("", "/")


def _is_page(message: Message) -> bool:
    html = Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
    return html and message["status"] == 200


def _with_tags(page: bytes, tags: str) -> bytes:
    """The page with these tags in place of Gradio's, which advertise Gradio."""
    without = _FRAMEWORKS_OWN.sub(b"", page)
    return _CHARSET.sub(lambda charset: charset[0] + tags.encode(), without, count=1)


def _addresses(scope: Scope, token: str, result: Result) -> dict[str, str]:
    page = f"{get_root_url(Request(scope), scope['path'], scope.get('root_path'))}/"
    return {
        "og:url": f"{page}?run={token}",
        "og:image": shared_address(token, result, "poster", page),
        "og:image:type": "image/jpeg",
        "og:image:width": str(poster_size(result)[0]),
        "og:image:height": str(poster_size(result)[1]),
        "og:video": shared_address(token, result, "video", page),
        "og:video:width": str(result.size[0]),
        "og:video:height": str(result.size[1]),
    }


def _meta(properties: dict[str, str]) -> str:
    return "".join(
        f'<meta {"name" if name.startswith("twitter:") else "property"}="{name}" content="{escape(text)}">'
        for name, text in properties.items()
    )
