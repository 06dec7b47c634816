"""The cookies of a login: Gradio's, made as strict as the page allows."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

SESSION = "access-token-"
"""The beginning of the names of Gradio's two cookies; both hold the same secret."""
DEVICE = "joystudio-known-browser"
A_YEAR = 365 * 24 * 3600


def session_names(cookie_id: str) -> tuple[str, str]:
    """The names under which Gradio looks for a login, in its order."""
    return f"{SESSION}{cookie_id}", f"{SESSION}unsecure-{cookie_id}"


def harden(headers: MutableHeaders, *, https: bool, framed: bool) -> None:
    """Rewrite Gradio's cookies in a response.

    Gradio sends one of them with requests from every website (SameSite=None), and the other over unencrypted
    connections. https: how the visitor opened the page. framed: whether another website shows it; then a
    cookie has to belong to that website (Partitioned, CHIPS).
    """
    cookies = headers.getlist("set-cookie")
    if not cookies:
        return
    del headers["set-cookie"]
    for cookie in cookies:
        if cookie.startswith(SESSION):
            # Without encryption, Gradio's secure one stays: a browser does not send it then.
            secure = https or not cookie.startswith(f"{SESSION}unsecure-")
            cookie = _hardened(cookie, secure=secure, framed=framed and https)
        headers.append("set-cookie", cookie)


def device_cookie(value: str, *, https: bool, framed: bool) -> str:
    """A Set-Cookie header for a browser with a successful login."""
    cookie = f"{DEVICE}={value}; HttpOnly; Path=/; Max-Age={A_YEAR}"
    return _hardened(cookie, secure=https, framed=framed and https)


def _hardened(cookie: str, *, secure: bool, framed: bool) -> str:
    value, *rest = (part.strip() for part in cookie.split(";"))
    ours = ("samesite", "secure", "partitioned")
    kept = [part for part in rest if part.lower().partition("=")[0] not in ours]
    kept += ["SameSite=None", "Partitioned"] if framed else ["SameSite=Lax"]
    return "; ".join((value, *kept, *(["Secure"] if secure else [])))
