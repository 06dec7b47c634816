"""`app`: the page in a browser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from media.errors import OptionError

if TYPE_CHECKING:
    from studio.settings import Settings


def app(
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")
    ] = None,
    port: Annotated[
        str | None,
        typer.Option("--port", metavar="INTEGER", help=("The port to listen on; 0 selects a free one.")),
    ] = None,
    share: Annotated[
        bool,
        typer.Option(
            "--share", help=("Give the page a public address on the internet through Gradio's tunnel.")
        ),
    ] = False,
    auth: Annotated[
        str | None,
        typer.Option(
            "--auth",
            metavar="NAME",
            help=("Require this name and a password from every visitor; you type the password."),
        ),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="With --share: let all visitors in without a password.")
    ] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Also offer the engines to language models, as an MCP server.")
    ] = False,
) -> None:
    """Start the page and print its address."""
    from studio.hosting.spaces import preload_networks, prepare
    from studio.settings import Settings
    from ui.serve import PageAccess, serve

    prepare()  # a Space's storage and address are settings, too
    given: dict[str, Any] = {"host": host, "port": port}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    access = PageAccess(share=share, auth=_with_password(auth, settings), public=public, mcp=mcp)
    preload_networks(settings)
    serve(settings, access)


def _with_password(auth: str | None, settings: Settings) -> str | None:
    """The login of --auth with its password: from the setting, or typed.

    Raises OptionError for a password without a name: the page would be open where a login was intended.
    """
    if auth is None and settings.auth_password is not None:
        raise OptionError("JOYSTUDIO_AUTH_PASSWORD is set, but there is no name. Add --auth NAME.")
    if not auth:
        return auth
    if ":" in auth:
        print(
            "note: other users of this machine can see a password on the command line. Use --auth NAME, and "
            "type it or set JOYSTUDIO_AUTH_PASSWORD.",
            file=sys.stderr,
        )
        return auth
    if settings.auth_password is not None:
        return f"{auth}:{settings.auth_password.get_secret_value()}"
    if not sys.stdin.isatty():
        return auth
    from commands.password import ask

    return f"{auth}:{ask(f'Password for {auth}: ')}"
