"""The headers that tell a browser what the page may do, and who may read its responses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders

HUB = ("https://huggingface.co", "https://*.hf.space")
"""The websites that show a Space in a frame."""
TUNNEL_SCRIPTS = "https://gradio.s3-us-west-2.amazonaws.com"
"""Where a page with a tunnel loads Gradio's own scripts from."""

PERMISSIONS = (
    "camera=(self), microphone=(self), fullscreen=(self), autoplay=(self), geolocation=(), payment=(), "
    "usb=(), serial=(), hid=(), midi=(), display-capture=()"
)
UNCHANGING = ("/assets/", "/static/", "/svelte/", "/theme.css", "/favicon.ico", "/pwa_icon", "/robots.txt")
"""Files that are the same for all visitors; everything else is private and not cached."""
FILES = ("/gradio_api/file=", "/joystudio/")


@dataclass(frozen=True)
class ResponseHeaders:
    """The headers of every response.

    framed_by: the websites that may show the page in a frame, besides the page itself. tunnelled: whether
    Gradio's tunnel is open; the page then loads Gradio's scripts from elsewhere.
    """

    framed_by: tuple[str, ...] = ()
    tunnelled: Callable[[], bool] = lambda: False
    _always: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        always = {
            "X-Content-Type-Options": "nosniff",
            # Addresses contain the secret of a shared link.
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": PERMISSIONS,
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if not self.framed_by:  # this header cannot list websites
            always["X-Frame-Options"] = "SAMEORIGIN"
        object.__setattr__(self, "_always", always)

    def put(self, headers: MutableHeaders, path: str) -> None:
        """Add them to the headers of a response, and remove every permission for other websites."""
        for name in [name for name in headers if name.startswith("access-control-")]:
            del headers[name]
        headers.update(self._always)
        headers.setdefault(
            "Content-Security-Policy", self.policy_of_file if path.startswith(FILES) else self.policy()
        )
        if not path.startswith(UNCHANGING):
            headers["Cache-Control"] = "private, no-store"

    def policy(self, hashes: tuple[str, ...] = ()) -> str:
        """The Content-Security-Policy (W3C, level 3) of the page.

        hashes: of the page's own inline scripts, as in `'sha256-...'`.
        """
        own = f"'self' {TUNNEL_SCRIPTS}" if self.tunnelled() else "'self'"
        rules = {
            "default-src": own,
            # Gradio makes functions from the short scripts of a button's event.
            "script-src": " ".join((own, "'unsafe-eval'", *hashes)),
            "style-src": f"{own} 'unsafe-inline'",
            "img-src": "'self' data: blob:",
            "media-src": "'self' data: blob:",
            "font-src": f"{own} data:",
            "connect-src": f"{own} data: blob:",
            "worker-src": f"{own} blob:",
            "frame-src": "'self'",
            "frame-ancestors": " ".join(("'self'", *self.framed_by)),
            "object-src": "'none'",
            "base-uri": "'self'",
            "form-action": "'self'",
        }
        return "; ".join(f"{name} {sources}" for name, sources in rules.items())

    @property
    def policy_of_file(self) -> str:
        """The policy of a visitor's file that is opened directly: the browser shows it and runs nothing."""
        ancestors = " ".join(("'self'", *self.framed_by))
        return (
            "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox; "
            f"frame-ancestors {ancestors}"
        )
