"""Says why a server refused a connection before it opened."""

from __future__ import annotations

from websockets.http11 import Response

REASONED = (401, 403, 429)
"""Statuses with which JoyStudio refuses a connection; the reason is in the answer's body."""
LONGEST_REASON = 500
"""Characters."""
_ADVICE = {
    401: "Write the login into the address, as in http://ann:secret@192.168.1.5:7860.",
    403: "Use an address under which the page can be opened.",
    429: "Try again later.",
}


def refusal(address: str, response: Response) -> str:
    """What a user should know. address: of the socket, without a login."""
    status = response.status_code
    if status not in REASONED:
        return (
            f"{address} offers no live sessions (status {status}). Update JoyStudio, or correct the address."
        )
    refused = f"JoyStudio at {address} refuses the connection (status {status})"
    reason = _reason(response)
    if not reason:  # something in front of the page has answered
        return f"{refused}. {_ADVICE[status]}"
    return f"{refused}: {reason}" + (f" {_ADVICE[status]}" if status == 401 else "")


def _reason(response: Response) -> str:
    """The English sentence of the body; "" if it has none that can be shown."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind != "text/plain" or not response.body:
        return ""
    first, *_ = response.body.decode("utf-8", "replace").strip().splitlines() or [""]
    return "".join(filter(str.isprintable, first))[:LONGEST_REASON]
