"""A progress line on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from studio.events import Progress

if TYPE_CHECKING:
    import rich.progress

BAR = 24
"""Width of the bar in columns."""


class ProgressLine:
    """Shows progress on one line of a terminal, and nothing elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._bar: rich.progress.Progress | None = None

    def show(self, progress: Progress) -> None:
        """Redraw the bar of a job."""
        self.show_text(progress.stage, progress.shown, progress.seconds_left)

    def show_text(self, what: str, fraction: float, seconds_left: float | None) -> None:
        """Redraw the bar of other work. fraction: 0..1. seconds_left: None if unknown."""
        if not self._shown:
            return
        name = f"{what:<9}"
        left = "" if seconds_left is None else f"{clock(seconds_left)} left"
        try:
            if self._bar is None:
                self._bar = _bar_on(self._stream)
                self._bar.add_task(name, total=1.0, completed=fraction, left=left)  # type: ignore[arg-type]
                self._bar.start()
            else:
                task = self._bar.task_ids[0]
                self._bar.update(task, description=name, completed=fraction, left=left, refresh=True)
        except OSError:  # the terminal was closed; the work continues
            self._shown, self._bar = False, None

    def clear(self) -> None:
        """Remove the line, so that the next output begins on an empty one."""
        bar, self._bar = self._bar, None
        if bar is None:
            return
        try:
            bar.stop()
        except OSError:
            self._shown = False


def _bar_on(stream: TextIO) -> rich.progress.Progress:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    class KeepsCursor(Console):
        """Never hides the cursor: a process that is killed could not show it again."""

        def show_cursor(self, show: bool = True) -> bool:
            return False

    line = Column(no_wrap=True, overflow="ellipsis")
    return Bar(
        TextColumn("{task.description}", markup=False, table_column=line),  # a name may look like markup
        BarColumn(BAR, complete_style="green", finished_style="green"),  # of the 16 that all terminals have
        TaskProgressColumn(),
        TextColumn("{task.fields[left]}", markup=False, table_column=Column(no_wrap=True)),
        console=KeepsCursor(file=stream),
        transient=True,
        auto_refresh=False,  # drawn when there is news, with no thread of its own
        redirect_stdout=False,
        redirect_stderr=False,
    )


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss, rounded up so that 0:00 is not shown while work is left."""
    whole = -int(-seconds // 1)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
