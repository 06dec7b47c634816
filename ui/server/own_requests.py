"""Recognises the requests that this process sends to itself.

Gradio's server for language models asks its own page over HTTP for what the page can do, before it uses a
tool, and has no way to be given a password for that.
"""

from __future__ import annotations

import ipaddress

from starlette.datastructures import Headers
from starlette.types import Scope

MARK = "x-gradio-user"
"""A header of those requests. Any program can send it, so it only tells that a closer check is worthwhile."""


def is_own_request(scope: Scope, headers: Headers) -> bool:
    """Whether a request comes from Gradio's server for language models in this very process.

    The connection shows it: one end of it has to be a socket of this process. No other program can have
    that address and port at the same time. A forwarded request's address is only what it says of itself.
    """
    client, server = scope.get("client"), scope.get("server")
    if headers.get(MARK) != "mcp" or not client or not server or "x-forwarded-for" in headers:
        return False
    try:
        if not ipaddress.ip_address(client[0]).is_loopback:
            return False
        import psutil  # comes with MCP
    except (ValueError, ImportError):
        return False
    return any(
        one.raddr and tuple(one.laddr) == (client[0], client[1]) and one.raddr[1] == server[1]
        for one in psutil.Process().net_connections("tcp")
    )
