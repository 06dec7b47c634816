"""What stands on a tab about its engine's weights: what is here, what is missing, what it may be used for."""

from __future__ import annotations

import html
from pathlib import PurePosixPath

import gradio as gr

from studio.weights_report import FileReport, GroupReport, WeightsReport, report_weights
from ui.components.share_row import QUIET
from ui.components.weights_fetching import build_fetch_row, connect_fetch_row, shown
from ui.frame import Frame
from ui.i18n import say
from ui.names import Names

MEANWHILE = "Meanwhile the button “Preview” shows portrait and voice with the preview engine."
MADE_UP = "Made-up weights: everything runs, but no face is painted. Videos from this tab show noise."


def build_weights_panel(engine: str, frame: Frame, names: Names) -> gr.HTML | None:
    """Draw the panel inside the current Blocks; it looks anew whenever the page is opened.

    None, and nothing drawn, for an engine without weights.
    """
    report = report_weights(engine)
    if report is None:
        return None
    panel = gr.HTML(panel_html(engine), padding=False, **names("weights"))
    row = build_fetch_row(report, names)
    connect_fetch_row(engine, row, frame.settings, panel, panel_html)
    frame.page.load(lambda: panel_html(engine), None, panel, **QUIET)
    frame.page.load(lambda: shown(engine, row, frame.settings), None, row.components, **QUIET)
    return panel


def panel_html(engine: str) -> str:
    """The panel as it is right now; empty for an engine without weights."""
    report = report_weights(engine)
    return report_html(report) if report else ""


def report_html(report: WeightsReport) -> str:
    """What stops or limits the tab, always seen; below it every group, folded."""
    chips = "".join(f"<li>{say(group.name)}: {_chip(group)}</li>" for group in report.groups)
    return (
        (f'<p class="made-up">{say(MADE_UP)}</p>' if report.made_up else "")
        + '<section class="weights-report">'
        + ("" if report.ready else f'<p class="problem">{say(_problem(report))}</p><p>{say(MEANWHILE)}</p>')
        + _restricted(report)
        + "<details>"
        + f"<summary><strong>{say('Weights')}</strong><ul>{chips}</ul></summary>"
        + f"<p>{say(report.commercial_path)}</p>"
        + "".join(map(_group, report.groups))
        + f"<p>{say('After fetching in a shell, open this page anew.')}</p>"
        + "</details></section>"
    )


def _problem(report: WeightsReport) -> str:
    if report.packages:
        verb = "is" if len(report.packages) == 1 else "are"
        return (
            f"No videos from this tab yet: {' and '.join(report.packages)} {verb} not installed. "
            f"Install with: `{report.install}`"
        )
    lacking = next(group for group in report.groups if group.needed and group.missing)
    verb = "is" if lacking.missing == 1 else "are"
    return (
        f"No videos from this tab yet: of {_files(len(lacking.files))} for {lacking.meaning}, "
        f"{lacking.missing} {verb} missing. Fetch with: `{lacking.command}`"
    )


def _restricted(report: WeightsReport) -> str:
    if not report.restricted_here:
        return ""
    files = ", ".join(f"{_code(file.path)} ({say(file.licence)})" for file in report.restricted_here)
    return f'<p class="problem">{say("Here, and not for commercial use:")} {files}.</p>'


def _chip(group: GroupReport) -> str:
    if group.missing:
        all_of_it = group.missing == len(group.files)
        words = "missing" if all_of_it else f"{group.missing} of {len(group.files)} missing"
        return f'<span class="state {"missing" if group.needed else "absent"}">{say(words)}</span>'
    kind, words = ("made", "made up") if group.made_up else ("here", "here")
    return f'<span class="state {kind}">{say(words)}</span>'


def _group(group: GroupReport) -> str:
    """A row about a group; opened, it lists the files."""
    fetch = _code(group.command) if group.missing or group.made_up else ""
    return (
        '<details class="weight-group"><summary>'
        f"<span><strong>{say(group.name)}</strong> {_chip(group)}</span>"
        f"<span>{say(group.meaning)}</span><span>{_use(group)}</span><span>{fetch}</span>"
        f"</summary><ul>{''.join(map(_file, group.files))}</ul></details>"
    )


def _use(group: GroupReport) -> str:
    """What the group's licences allow; a file that stands out is named."""
    free = sorted({report.file.licence for report in group.files if report.file.commercial})
    parts = [f"{', '.join(map(say, free))}: {say('commercial use allowed')}"] if free else []
    for licence in sorted({report.file.licence for report in group.restricted}):
        names = [report.file.name for report in group.restricted if report.file.licence == licence]
        those = (
            ""
            if len(names) == len(group.files)
            else f"{_code(', '.join(PurePosixPath(n).name for n in names))}: "
        )
        parts.append(f"<strong>{those}{say('not for commercial use')}</strong> ({say(licence)})")
    return "; ".join(parts)


def _file(report: FileReport) -> str:
    file = report.file
    kind = {"here": "here", "made up": "made", "missing": "absent"}[report.state]
    source = f'<a href="{html.escape(file.address)}" rel="noreferrer" target="_blank">{file.repository}</a>'
    use = say("commercial use allowed")
    if not file.commercial:
        use = f"<strong>{say('not for commercial use')}</strong>"
    origin = say("made here from") if file.made_here else f"{say(file.size)}, {say('from')}"
    return (
        f'<li>{_code(file.path)} <span class="state {kind}">{say(report.state)}</span>'
        f"<p>{say(file.purpose)}; {origin} {source}; {say(file.licence)}; {use}</p></li>"
    )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"
