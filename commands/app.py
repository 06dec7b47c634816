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
    share: Annotated[
        bool,
        typer.Option("--share", help="Give the page an address on the internet, through Gradio's tunnel."),
    ] = False,
    auth: Annotated[
        str | None, typer.Option("--auth", metavar="NAME:PASSWORD", help="Ask every visitor for these.")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="With --share: let everybody in, without a password.")
    ] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Offer the engines to language models as well, as an MCP server.")
    ] = False,
) -> None:
    """Start the page and print its address."""
    from studio.settings import Settings
    from studio.space import place_networks, prepare
    from ui.serve import Access, serve

    prepare()  # a Space's storage and address are settings, too
    given: dict[str, Any] = {"host": host, "port": port}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    place_networks(settings)
    serve(settings, Access(share=share, auth=auth, public=public, mcp=mcp))
