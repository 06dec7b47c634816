"""`history`: list, show and delete finished videos."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from media.documents.quoting import whole

if TYPE_CHECKING:
    from studio.gallery.history import History

history = typer.Typer(help="List, show and delete finished videos.", rich_markup_mode=None)

Id = Annotated[str, typer.Argument(metavar="ID", help="The video's ID, or its first characters.")]


@history.command("list")
def list_videos(
    limit: Annotated[int, typer.Option("--limit", min=1, help="Number of videos to list.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """List the latest videos, newest first."""
    entries = _history().list(limit)
    if as_json:
        print(json.dumps([entry.as_json() for entry in entries]))
        return
    for entry in entries:
        result = entry.result
        when = entry.created.astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"{result.job_id}  {when}  {result.engine:<8}  {result.duration:6.1f} s  {whole(result.path)}")
    if not entries:
        print("No videos yet.")


@history.command("show")
def show_video(job_id: Id) -> None:
    """Print all data about one video as JSON."""
    print(json.dumps(_history().get(job_id).as_json(), indent=2))


@history.command("delete")
def delete_video(
    job_id: Id,
    file: Annotated[bool, typer.Option("--file", help="Also delete the video file.")] = False,
) -> None:
    """Delete a video from the history; with --file, also the video itself."""
    entry = _history().delete(job_id, file=file)
    print(f"{'Deleted' if file else 'Removed from the history:'} {whole(entry.result.path)}")


def _history() -> History:
    from studio.gallery.history import History
    from studio.gallery.history_file import repair_history
    from studio.settings import Settings

    settings = Settings()
    if note := repair_history(settings.history, settings.outputs):
        print(f"note: {note}", file=sys.stderr)
    return History(settings.history)
