"""Removes the files of an upload if the disk is full, as Gradio does for refused uploads."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gradio import route_utils
from starlette.datastructures import FormData


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


def remove_unfinished_uploads() -> None:
    """Let Gradio use this parser from now on. A second call does nothing."""
    route_utils.GradioMultiPartParser = WholeOrNothing
