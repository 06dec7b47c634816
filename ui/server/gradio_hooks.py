"""The two places where this process changes Gradio itself, because Gradio has no setting for them.

Both bound what a stranger can make the server store, for every component and every page of the process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from gradio import processing_utils, route_utils
from starlette.datastructures import FormData


def fetch_named_files(fetch: Callable[[str, str], Awaitable[str]]) -> None:
    """Let Gradio download the files that programs name by an address with `fetch` from now on.

    fetch: takes the address and the folder of uploads, and returns the file's path. Gradio's own function
    has no limit, and every component calls it, also those that take JSON.
    """
    processing_utils.async_ssrf_protected_download = fetch


def remove_unfinished_uploads() -> None:
    """Let Gradio remove the files of an upload that cannot be written, as it does for a refused one."""
    route_utils.GradioMultiPartParser = WholeOrNothing


class WholeOrNothing(route_utils.GradioMultiPartParser):
    """Gradio's parser, which would leave its files behind if one of them cannot be written."""

    async def parse(self) -> FormData:
        """As in Gradio. Raises OSError if a file cannot be written, and then leaves none behind."""
        try:
            return await super().parse()
        except OSError:
            for file in self._files_to_close_on_error:
                with suppress(OSError):  # closing writes the rest, and fails again
                    file.close()
                with suppress(OSError):
                    Path(file.name).unlink()
            raise
