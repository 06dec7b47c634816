"""What a visitor asks a comparison for, as it is stored in case of a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from studio.comparison.columns import Column
from studio.comparison.run import Subject
from studio.consent import check_consent
from studio.job import checked_seed
from studio.settings import Settings
from studio.spoken_text import SpokenText
from studio.waiting_tasks import TaskRequest
from ui.components.input_checks import current_pick, portrait_and_sound
from ui.components.portrait_choice import PortraitChoice
from ui.components.second_voice import check_one_voice
from ui.components.typed_text import SpokenFile, typed_text
from ui.tabs.compare.columns import columns_of

_SUBJECT = TypeAdapter(Subject)


@dataclass(frozen=True)
class AskedComparison:
    """A comparison whose inputs are complete and valid."""

    columns: list[Column]
    portrait: Path
    voice: Path | SpokenText
    seed: int
    subject: Subject
    metrics: list[str]


def compare_wish(
    portrait: str | None,
    voice: str | None,
    seed: float | None,
    choice: PortraitChoice,
    spoken: SpokenFile | None,
    text: str | None,
    language: str,
    speaker: str,
    speed: float,
    who: str | None,
    mode: Any,
    metrics: list[str] | None,
    count: str,
    consent: bool,
    *cards: Any,
) -> TaskRequest:
    """What to store of a click, from the values of the tab's components. It checks nothing."""
    pick = current_pick(choice.picked, portrait)
    subject = Subject(None, pick.face_for(mode), pick.anchors_for(mode), pick.edit) if pick else Subject()
    # The text of the voice, if the voice was spoken on the page: the text may have changed since.
    said = spoken.wish.model_dump(mode="json") if spoken is not None and spoken.path == voice else None
    typed = [text, language, speaker, speed]
    values = [
        seed,
        _SUBJECT.dump_python(subject, mode="json"),
        said,
        typed,
        who,
        mode,
        metrics,
        count,
        consent,
    ]
    files = {"portrait": portrait, "voice": voice}
    return TaskRequest([*values, list(cards)], {name: Path(path) for name, path in files.items() if path})


def asked_of(wish: TaskRequest, settings: Settings) -> AskedComparison:
    """Read a stored click, and check it. Raises the errors of a comparison's inputs."""
    seed, subject, said, typed, who, mode, metrics, count, consent, cards = wish.values
    check_consent(consent)
    check_one_voice(who)
    portrait, voice = (_text(wish.files.get(name)) for name in ("portrait", "voice"))
    spoken = SpokenFile(voice, SpokenText.model_validate(said)) if said and voice else None
    picture, sound = portrait_and_sound(portrait, voice, spoken, typed_text(*typed))
    return AskedComparison(
        columns_of(int(count), _cards(cards), settings.presets),
        picture,
        sound,
        checked_seed(seed),
        replace(_SUBJECT.validate_python(subject), mode=mode),
        ["builtin", *(metrics or [])],
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _cards(cards: Any) -> Sequence[Any]:
    return cards if isinstance(cards, list) else []
