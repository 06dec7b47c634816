"""Starts the web page: `python app.py`. Also the door that a Hugging Face Space opens."""

from __future__ import annotations

import sys
from typing import Any


def main() -> int:
    """Serve the page until it is stopped; 2 when it cannot start, with one line saying why."""
    from media.errors import JoyStudioError
    from studio.settings import Settings
    from studio.space import place_networks, prepare

    try:
        prepare()
        settings = Settings()
        from ui.serve import serve

        place_networks(settings)
        serve(settings)
    except JoyStudioError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def __getattr__(name: str) -> Any:
    """`demo`, the page itself, for tools that look for it here; built only when it is asked for."""
    if name != "demo":
        raise AttributeError(name)
    from studio.settings import Settings
    from studio.space import prepare

    prepare()
    from ui.page import build

    return build(Settings())


if __name__ == "__main__":
    sys.exit(main())
