"""Starts the page and keeps it running; behind `python app.py` and `python cli.py app`."""

from __future__ import annotations

from studio.settings import Settings


def serve(settings: Settings) -> None:
    """Build the page and serve it until it is stopped. Raises OutputError when the port is taken."""
    from media.errors import OutputError
    from ui.page import build, launch_options

    page = build(settings)
    try:
        page.launch(**launch_options(settings))
    except OSError as error:
        raise OutputError(
            f"The page cannot listen on {settings.host} port {settings.port}; is it in use? "
            "Choose another port with JOYSTUDIO_PORT, or 0 for a free one."
        ) from error
