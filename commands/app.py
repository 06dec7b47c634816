"""`app`: the page in a browser."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def app(
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")
    ] = None,
    port: Annotated[
        str | None, typer.Option("--port", metavar="INTEGER", help="Port to listen on; 0 takes a free one.")
    ] = None,
) -> None:
    """Start the page and print its address."""
    from studio.settings import Settings
    from ui.serve import serve

    given: dict[str, Any] = {"host": host, "port": port}
    serve(Settings(**{name: value for name, value in given.items() if value is not None}))
