"""Recognises the requests that this process sends to itself.

Before it uses a tool, Gradio's server for language models requests the page's API over HTTP from its own
page, and cannot be given a password for that.
"""

from __future__ import annotations

import ipaddress

from starlette.datastructures import Headers
from starlette.types import Scope

MARK = "x-gradio-user"
"""A header of those requests. Any program can send it, so it only shows that a closer check is needed."""


def is_own_request(scope: Scope, headers: Headers) -> bool:
    """Whether a request comes from Gradio's server for language models in this process.

    The connection shows it: one end has to be a socket of this process, and no other program can have that
    address and port at the same time. A forwarded request's address is only a claim.
    """
    client, server = scope.get("client"), scope.get("server")
    if headers.get(MARK) != "mcp" or not client or not server or "x-forwarded-for" in headers:
        return False
    try:
        if not ipaddress.ip_address(client[0]).is_loopback:
            return False
        import psutil  # installed with MCP
    except (ValueError, ImportError):
        return False
    return any(
        one.raddr and tuple(one.laddr) == (client[0], client[1]) and one.raddr[1] == server[1]
        for one in psutil.Process().net_connections("tcp")
    )
