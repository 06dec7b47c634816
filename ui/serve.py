"""Starts the page and keeps it running; behind `python app.py` and `python cli.py app`."""

from __future__ import annotations

import logging
import math
import signal
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from media.documents.quoting import reason_of
from media.errors import OptionError, OutputError
from media.output_file import NO_ROOM
from media.startup_shortcuts import without_garbage_rounds
from studio.accounts import Accounts, check_name, read_accounts
from studio.admission import Line
from studio.decoding import decoding_for
from studio.ending import ENDING, Ending
from studio.hosting.spaces import on_space
from studio.outputs_ready import prepare_outputs
from studio.passwords import PasswordHash
from studio.retention import for_visitors
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs
from ui.gradio_start import import_gradio

if TYPE_CHECKING:
    import gradio as gr

log = logging.getLogger("joystudio.serve")

PATIENCE = 3.0
"""Seconds that jobs have to end before the terminal says what it waits for."""


@dataclass(frozen=True)
class PageAccess:
    """Who can reach the page.

    share: open Gradio's tunnel, which gives the page a public address. auth: "name:password" of a login.
    public: the owner opens the tunnel to everyone. mcp: language models may use the engines as tools.
    """

    share: bool = False
    auth: str | None = None
    public: bool = False
    mcp: bool = False

    def launch_options(self, settings: Settings | None = None) -> dict[str, Any]:
        """Arguments of `Blocks.launch`.

        settings: their file of accounts is added to `auth`. Raises OptionError for a tunnel that would be
        open to everyone by mistake, for a missing name or password, for an unusable file of accounts, and for
        MCP without its package.
        """
        accounts = self.accounts(settings)
        if self.share and not accounts and not self.public:
            raise OptionError(
                "--share gives the page an address that anyone on the internet can open. Add --auth "
                "NAME, or --public if you intend this."
            )
        options: dict[str, Any] = {"share": self.share}
        if accounts:
            from ui.server.logins import Logins

            options["auth"] = Logins(accounts).check
        if self.mcp:
            if find_spec("mcp") is None:
                raise OptionError(
                    "--mcp needs the package mcp, which is not installed. Install it with: pip install "
                    "-r requirements/mcp.txt"
                )
            options["mcp_server"] = True
        return options

    def accounts(self, settings: Settings | None = None) -> Accounts | None:
        """The accounts that may log in; None without a login. Raises OptionError as `launch_options`."""
        kept = read_accounts(settings.auth_file) if settings and settings.auth_file else None
        for note in kept.notes if kept else ():
            log.warning(note)
        if self.auth is None:
            return kept
        name, colon, password = self.auth.partition(":")
        if not colon or not password:
            raise OptionError(
                "--auth has no password. Type it in a terminal when you are asked, set "
                "JOYSTUDIO_AUTH_PASSWORD, or store hashed passwords in a file (JOYSTUDIO_AUTH_FILE)."
            )
        own = {check_name(name): PasswordHash.of(password)}
        return Accounts({**(kept.hashes if kept else {}), **own})


def serve(settings: Settings, access: PageAccess | None = None) -> None:
    """Build the page and serve it until a signal stops it, which ends the process with 0.

    Raises OutputError if the port is taken, or videos or the page's own files cannot be stored, and
    OptionError if `access` is not safe.
    """
    more = (access or PageAccess()).launch_options(settings)
    prepare_outputs(settings)
    if access and access.share:  # the page is public
        fetch = "never" if settings.fetch_weights == "local" else settings.fetch_weights
        settings = settings.model_copy(update={"fetch_weights": fetch, "local_files": None})
    if settings.others_can_open or (access and access.share):
        settings = for_visitors(settings)
    if not (settings.this_machine_only or settings.allowed_hosts or on_space()):
        print(
            "* The page answers to this machine's addresses and its own name. List other names, such as a "
            "domain's, in JOYSTUDIO_ALLOWED_HOSTS."
        )
    with without_garbage_rounds():
        import_gradio()
        from ui.app import build, launch_options
        from ui.page_context import job_line
        from ui.server.live_sockets import live_host

        jobs = WaitingJobs(settings)
        line = job_line(settings, jobs)
        try:
            page = build(settings, jobs=jobs, line=line)
        except OSError as error:  # probably a full disk: the examples are copied to the folder of uploads
            raise _no_room(error) from error
    decoding_for(settings).start()

    def end() -> None:
        jobs.end()
        if page.is_running:
            live_host(page.app).end()

    received = _listen_for_stop(end)
    try:
        page.launch(**(launch_options(settings, page) | more))
    except OSError as error:
        if error.errno in NO_ROOM:
            raise _no_room(error) from error
        raise OutputError(
            "The page cannot listen on {host} port {port}; is it in use? Choose another port with "
            "JOYSTUDIO_PORT, or 0 for a free one.",
            host=settings.host,
            port=settings.port,
        ) from error
    if received:
        _finish(page, line, received)


def _no_room(error: OSError) -> OutputError:
    return OutputError(
        "The page's own files cannot be written to the temporary folder: {reason}. Make room there, or "
        "choose another with TMPDIR.",
        reason=reason_of(error),
    )


def _listen_for_stop(end: Callable[[], None]) -> list[int]:
    """Let SIGTERM (from a service manager) and SIGHUP (from a closed terminal) do what Ctrl-C does.

    The list receives the signals. end: stores interrupted jobs, and ends live sessions. An ignored signal, as
    SIGHUP under `nohup`, stays ignored.
    """
    ending = Ending(first=end)
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, ending)  # Gradio waits for the interruption, and closes its server
    return ending.received


def _finish(page: gr.Blocks, line: Line, received: list[int]) -> None:
    """Wait until no job runs and the server has closed, so that Python can exit normally.

    A thread that Python ends inside C++ code crashes the process. A job ends between two of its steps; the
    long steps of a large network need this wait. A further signal ends the process at once, with its default
    action.
    """
    try:
        if not line.wait_until_idle(PATIENCE):
            print("* A job is in the middle of a step; the page ends after it. Press Ctrl-C to end now.")
            line.wait_until_idle(math.inf)
        page.close(verbose=False)
    except KeyboardInterrupt:
        signal.signal(received[-1], signal.SIG_DFL)
        signal.raise_signal(received[-1])
