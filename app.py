"""Starts the web page: `python app.py`. Also the door that a Hugging Face Space opens."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


def main() -> None:
    """Build the page and serve it until it is stopped."""
    from studio.settings import Settings
    from ui.page import build, launch_options

    settings = Settings()
    build(settings).launch(**launch_options(settings))


if __name__ == "__main__":
    main()
