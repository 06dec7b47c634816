"""Recognises a visitor by a token that the browser stores."""

from __future__ import annotations

from typing import Any

import gradio as gr

from studio.gallery.visitors import NO_OWNER, new_token, owner_of_login, owner_of_token
from ui.event_settings import SILENT

KEY = "joystudio-visitor"


def visitor_state(page: gr.Blocks) -> tuple[gr.State, Any]:
    """The owner of this visit's videos, known once the page is loaded, and the event after which it is.

    The token goes from the browser's storage to the server only when the page is opened; later checks use the
    server's own copy. A visitor with a login is known by name and token.
    """
    # The key hides nothing: it only has to be the same after a restart, so that the token can be read.
    kept = gr.BrowserState(None, storage_key=KEY, secret=KEY)
    owner = gr.State(NO_OWNER)

    def meet(token: Any, request: gr.Request) -> tuple[str, str]:
        known = token if isinstance(token, str) and len(token) >= 32 else new_token()
        name = request.username
        return known, owner_of_login(name, known) if name else owner_of_token(known)

    known = page.load(meet, kept, [kept, owner], api_visibility="private", **SILENT, queue=False)
    return owner, known
