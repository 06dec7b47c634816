"""JSON files of aligners: MFA, praatio, gentle, and plain lists of sounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evaluation.sounds.tiers import Label, sounds_of
from media.documents.bounds import Bounds
from media.documents.json_text import parse_json
from media.documents.quoting import shown
from media.errors import DocumentError

BOUNDS = Bounds(64_000_000, nodes=2_000_000, finite=True)
_NAMES = ("phoneme", "phone", "label", "text", "symbol")
_LISTS = ("phones", "phonemes", "sounds", "segments")
FORMS = (
    "known are the files of MFA, praatio and gentle, and a list of sounds with start, end and phoneme each"
)


def read_json_labels(text: str) -> list[Label]:
    """The labels of the sounds, in order of time. Raises DocumentError."""
    value = parse_json(text, BOUNDS)
    if isinstance(value, dict) and "tiers" in value:
        return sounds_of(dict(_tiers(value["tiers"])))
    if isinstance(value, dict) and isinstance(value.get("words"), list):
        return sorted(label for word in value["words"] for label in _of_word(word))
    if isinstance(value, dict):
        value = next((value[name] for name in _LISTS if name in value), None)
    return sorted(_labels(value))


def _tiers(tiers: Any) -> Iterator[tuple[str, list[Label]]]:
    """Of MFA, which names its tiers by the keys, and of praatio, which lists them."""
    if isinstance(tiers, dict):
        tiers = [{"name": name, **tier} for name, tier in tiers.items() if isinstance(tier, dict)]
    if not isinstance(tiers, list):
        raise _unknown(tiers)
    for tier in tiers:
        if not isinstance(tier, dict) or not isinstance(tier.get("name"), str):
            raise _unknown(tier)
        # The others hold points in time.
        if "interval" in str(tier.get("class", tier.get("type", "interval"))).lower():
            yield tier["name"], _labels(tier.get("entries"))


def _of_word(word: Any) -> Iterator[Label]:
    """The sounds of one word of gentle, which gives their durations one after another."""
    if not isinstance(word, dict) or "start" not in word:
        return  # a word that it did not find in the sound
    now = _time(word["start"])
    for one in word.get("phones") or ():
        if not isinstance(one, dict) or not isinstance(one.get("phone"), str):
            raise _unknown(one)
        end = now + _time(one.get("duration"))
        yield now, end, one["phone"]
        now = end


def _labels(value: Any) -> list[Label]:
    if not isinstance(value, list):
        raise _unknown(value)
    return [_label(one) for one in value]


def _label(one: Any) -> Label:
    if isinstance(one, dict):
        name = next((one[key] for key in _NAMES if isinstance(one.get(key), str)), None)
        one = [one.get("start", one.get("begin")), one.get("end"), name]
    if isinstance(one, list) and len(one) == 3 and isinstance(one[2], str):
        return _time(one[0]), _time(one[1]), one[2]
    raise _unknown(one)


def _time(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise DocumentError("it has {value} where a time should stand", value=shown(value, 40))


def _unknown(value: Any) -> DocumentError:
    return DocumentError(
        "it has {value} where a sound should stand; {forms}", value=shown(value), forms=FORMS
    )
