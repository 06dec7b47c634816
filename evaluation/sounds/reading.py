"""The sounds of a recording, from whatever file an aligner wrote."""

from __future__ import annotations

import math
from pathlib import Path

from evaluation.sounds.alphabets import in_ipa
from evaluation.sounds.ctm import read_ctm
from evaluation.sounds.json_labels import read_json_labels
from evaluation.sounds.table import read_table
from evaluation.sounds.text_grid import is_text_grid, read_text_grid
from evaluation.sounds.tiers import Label, sounds_of
from media.documents.bounds import LIST
from media.documents.quoting import reason_of
from media.documents.text import read_text
from media.errors import DocumentError, InputError
from media.spoken_sounds import TimedSound

ENDINGS = (
    ".phonemes.csv",
    ".phonemes.TextGrid",
    ".TextGrid",
    ".phonemes.ctm",
    ".ctm",
    ".phonemes.json",
)
"""Of the files that belong to a video of the same name."""
_LONGEST = 86_400.0
"""Seconds up to which a time is believed."""


def read_sounds(path: Path, recording: str = "") -> list[TimedSound]:
    """The sounds of a TextGrid, CTM, JSON or CSV file in order of time, with names in IPA, without silences.

    recording: the name of the recording, for a CTM file about several. Raises InputError when the file is
    none of these, names no tier of sounds, or a time is not one.
    """
    try:
        labels = _labels(path, recording)
        for start, end, _ in labels:
            if not (0.0 <= start <= end <= _LONGEST and math.isfinite(end)):
                raise DocumentError("{start:g} to {end:g} s are not times", start=start, end=end)
        names = in_ipa([name for _, _, name in labels])
        return [
            TimedSound(name, start, end) for name, (start, end, _) in zip(names, labels, strict=True) if name
        ]
    except DocumentError as error:
        raise InputError(
            "{name} does not give the times of sounds ({reason}). Give a TextGrid, CTM or JSON file of an "
            "aligner, or a CSV file with the columns start, end and phoneme.",
            name=path.name,
            reason=reason_of(error, 300),
        ) from error


def _labels(path: Path, recording: str) -> list[Label]:
    text = read_text(path, LIST)
    if is_text_grid(text):
        return sorted(sounds_of(read_text_grid(text)))
    if path.suffix.lower() == ".json" or text.lstrip()[:1] in ("{", "["):
        return sorted(read_json_labels(text))
    if path.suffix.lower() == ".ctm":
        return sorted(read_ctm(text, recording))
    return sorted(read_table(text))
