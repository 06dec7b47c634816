"""CTM files, as Kaldi and its kin write them: recording, channel, start, duration, sound, confidence."""

from __future__ import annotations

from evaluation.sounds.tiers import Label
from media.documents.quoting import quoted
from media.documents.text import check_lines, filled_lines
from media.errors import DocumentError

_REMARK = ";;"


def read_ctm(text: str, recording: str) -> list[Label]:
    """The labels of one recording, in order of time.

    recording: its name; in a file about a single recording, its name may be another. Raises DocumentError if
    a line lacks something, or the file is about several recordings and none of them has that name.
    """
    found: dict[str, list[Label]] = {}
    count = 0
    for number, line in filled_lines(text):
        cells = line.split(maxsplit=6)
        if not cells or cells[0].startswith(_REMARK):
            continue
        count += 1
        check_lines(count)
        if len(cells) < 5:
            raise DocumentError(
                "line {number} has {cells} columns; a CTM file has recording, channel, start, duration and "
                "sound",
                number=number,
                cells=len(cells),
            )
        start, seconds = (_number(cell, number) for cell in cells[2:4])
        found.setdefault(cells[0], []).append((start, start + seconds, cells[4]))
    if len(found) > 1 and recording not in found:
        names = ", ".join(quoted(name, 40) for name in [*found][:3])
        raise DocumentError(
            "it is about {count} recordings ({names}), and none is called {recording}",
            count=len(found),
            names=names,
            recording=quoted(recording, 40),
        )
    labels = found.get(recording) or next(iter(found.values()), [])
    return sorted(labels)


def _number(text: str, line: int) -> float:
    try:
        return float(text[:100])
    except ValueError:
        raise DocumentError(
            'line {number} has "{text}" where a time should stand', number=line, text=quoted(text, 40)
        ) from None
