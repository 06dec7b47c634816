"""Starts the page and keeps it running; behind `python app.py` and `python cli.py app`."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from media.errors import OptionError, OutputError
from studio.decoding import decoding_for
from studio.outputs_ready import prepare_outputs
from studio.retention import for_visitors
from studio.settings import Settings
from studio.space import on_space
from ui.gradio_start import import_gradio

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that end the page."""


@dataclass(frozen=True)
class Access:
    """Who reaches the page.

    share: open Gradio's tunnel, so that the page has an address on the internet. auth: "name:password" that
    every visitor has to give. public: the owner wants the tunnel to be open to everybody. mcp: language
    models may use the engines as tools.
    """

    share: bool = False
    auth: str | None = None
    public: bool = False
    mcp: bool = False

    def launch_options(self) -> dict[str, Any]:
        """Arguments of `Blocks.launch`.

        Raises OptionError for a tunnel that is open to everybody by mistake, for a name or a password that
        is missing, and for MCP where its package is not installed.
        """
        if self.share and not self.auth and not self.public:
            raise OptionError(
                "--share gives the page an address that anybody on the internet can open. Add "
                "--auth NAME:PASSWORD, or --public if that is meant."
            )
        options: dict[str, Any] = {"share": self.share}
        if self.auth is not None:
            name, _, password = self.auth.partition(":")
            if not name or not password:
                raise OptionError("--auth takes a name and a password, as in --auth ann:secret.")
            options["auth"] = [(name, password)]
        if self.mcp:
            if find_spec("mcp") is None:
                raise OptionError(
                    "--mcp needs the package mcp, which is not installed. Install it with: pip install "
                    "-r requirements-mcp.txt"
                )
            options["mcp_server"] = True
        return options


def serve(settings: Settings, access: Access | None = None) -> None:
    """Build the page and serve it until a signal stops it, which ends the process with 0.

    Raises OutputError when the port is taken or finished videos cannot be kept, OptionError when `access` is
    not safe.
    """
    more = (access or Access()).launch_options()
    prepare_outputs(settings)
    import_gradio()
    from ui.app import build, launch_options

    if access and access.share and settings.fetch_weights == "local":
        settings = settings.model_copy(update={"fetch_weights": "never"})  # it is not this machine only
    if not settings.this_machine_only or (access and access.share):
        settings = for_visitors(settings)
    if not (settings.this_machine_only or settings.allowed_hosts or on_space()):
        print(
            "* The page answers to this machine's addresses and its own name. List other names, such as a "
            "domain's, in JOYSTUDIO_ALLOWED_HOSTS."
        )
    page = build(settings)
    decoding_for(settings).start()
    told = _listen_for_stop()
    try:
        page.launch(**(launch_options(settings, page) | more))
    except OSError as error:
        raise OutputError(
            f"The page cannot listen on {settings.host} port {settings.port}; is it in use? "
            "Choose another port with JOYSTUDIO_PORT, or 0 for a free one."
        ) from error
    if told:
        _leave()


def _listen_for_stop() -> list[int]:
    """Let SIGTERM, of a service manager, and SIGHUP, of a terminal that is closed, do what Ctrl-C does.

    The signals that came are in the list. One that is ignored, as SIGHUP is under `nohup`, stays so.
    """
    told: list[int] = []

    def stop(number: int, _: object) -> None:
        told.append(number)
        raise KeyboardInterrupt  # which Gradio waits for, and closes its server

    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    return told


def _leave() -> None:
    """Tidy up as at any exit, and end without waiting for jobs at work.

    Python would end their threads where they next ask for its lock, in the middle of C++ code that aborts
    the process then.
    """
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):  # the terminal is gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)
