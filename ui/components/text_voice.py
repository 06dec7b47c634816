"""The box for a text that is spoken as the voice: language, voice, speed, and a button to listen."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.errors import JoyStudioError, LineFull
from media.messages import said
from speech import registry
from speech.languages import LANGUAGES
from speech.spec import SpeechSpec
from speech.text import checked_text
from studio.admission import Line
from studio.client_address import address_of
from studio.free_space import check_free_space
from studio.settings import Settings
from studio.speaking import speaking_into
from studio.spoken_text import SpokenText
from ui.components.cancel_button import connect_cancel
from ui.components.prompter import connect_prompter, hint_html
from ui.components.speech_fetching_parts import SpeechFetching, build_speech_fetching
from ui.components.typed_text import SpokenFile, wish_of
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT
from ui.i18n import t
from ui.in_turn import LastValue, taking_turns
from ui.server.upload_ledger import Ledger
from ui.uploads import place_for

AUTOMATIC = ""
"""The language is detected from the letters of the text."""
QUEUED = "Waiting for other texts to be spoken."
Update = tuple[Any, Any, Any]
"""Updates of the voice, of the spoken text, and of the hint."""


@dataclass(frozen=True)
class Texts:
    """Settings and queue for a page's spoken texts. visitor: as in `ui.page_context.PageContext`.

    ledger: what each address has had spoken, within the limits of uploads: a short text becomes a large file.
    """

    settings: Settings
    line: Line
    visitor: gr.State
    ledger: Ledger


@dataclass(frozen=True)
class TextVoice:
    """The components of the box. fold: around all of them. spoken: holds a `SpokenFile`, or None."""

    fold: gr.Accordion
    text: gr.Textbox
    language: gr.Dropdown
    voice: gr.Dropdown
    speed: gr.Slider
    listen: gr.Button
    cancel: gr.Button
    hint: gr.HTML
    spoken: gr.State
    fetching: SpeechFetching

    @property
    def given(self) -> list[Any]:
        """The components for `typed_text`, in its order."""
        return [self.text, self.language, self.voice, self.speed]


def build_text_voice(texts: Texts, names: ElementIds, voice: gr.Audio) -> TextVoice:
    """Draw the box inside the current Blocks, folded, and connect it. voice: receives the sound."""
    with gr.Accordion(t("Type a text instead"), open=False, **names("text-fold")) as fold:
        text = gr.Textbox(
            label=t(said("Text, up to {most} characters", most=texts.settings.text_characters)),
            placeholder=t("What the portrait should say"),
            lines=3,
            max_lines=8,
            **names("text"),
        )
        with gr.Row(elem_classes=["text-row"]):
            language = gr.Dropdown(
                _languages(),
                value=AUTOMATIC,
                label=t("Language of the text"),
                min_width=200,
                **names("text-language"),
            )
            who = gr.Dropdown(
                _voices(AUTOMATIC),
                value=_first(AUTOMATIC),
                label=t("Who speaks"),
                min_width=200,
                **names("text-voice"),
            )
        speed = gr.Slider(0.5, 2.0, value=1.0, step=0.1, label=t("Speed"), **names("text-speed"))
        with gr.Row(elem_classes=["text-row"]):
            listen = gr.Button(t("Listen"), size="sm", min_width=90, **names("text-listen"))
            cancel = gr.Button(t("Cancel"), size="sm", min_width=80, visible=False, **names("text-cancel"))
            prompt = gr.Button(t("Read it yourself"), size="sm", min_width=110, **names("text-prompt"))
        hint = gr.HTML(about_html(_first(AUTOMATIC)), padding=False, **names("text-hint"))
        fetching = build_speech_fetching(names)
        connect_prompter(texts.settings, names, text, prompt, hint)
    parts = TextVoice(fold, text, language, who, speed, listen, cancel, hint, gr.State(None), fetching)
    _connect_speaking(texts, parts, voice)
    # Not `change`: a video that is opened again sets both.
    language.input(_offered, language, who, **QUIET)
    return parts


def about_html(chosen: str, notes: Sequence[str] = ()) -> str:
    """The line about the voice. chosen: as in the list of voices, such as "espeak/woman"."""
    about = registry.spec_of(chosen.partition("/")[0]).about
    return hint_html(about, "The video says that its voice is generated.", *notes)


def speak_function(
    settings: Settings, ledger: Ledger
) -> Callable[..., Generator[Update | LastValue[Update], None, None]]:
    """The function behind "Listen"."""

    def speak(
        text: str, language: str, chosen: str, speed: float, owner: str | None, request: gr.Request
    ) -> Generator[Update | LastValue[Update], None, None]:
        """Speak a text; the last update makes it the voice."""
        try:
            wish = wish_of(text or "", language, chosen, speed)
            checked_text(wish.text, settings.text_characters)
            address = address_of(request.request.scope, settings) if request.request else "unknown"
            if full := ledger.refusal(address):
                raise LineFull(full)
            yield status(QUEUED)
            with place_for(f"{wish.voice}.wav") as path:
                check_free_space(path.parent, settings)
                with closing(speaking_into(wish, path, settings)) as work:
                    notes = yield from _counted(work)
            ledger.note(address, path.stat().st_size)
            sound = gr.Audio(value=str(path), autoplay=True, editable=False)
            yield LastValue((sound, SpokenFile(str(path), wish), about_html(chosen, notes)))
        except JoyStudioError as error:
            yield LastValue((gr.skip(), gr.skip(), hint_html(str(error), problem=True)))
        except Exception as error:
            yield LastValue((gr.skip(), gr.skip(), about_html(chosen)))
            raise as_toast(error) from None

    return speak


def _counted(work: Generator[float, None, tuple[str, ...]]) -> Generator[Update, None, tuple[str, ...]]:
    """Report how much is spoken, about once per second of speech. Returns the notes."""
    told_at = 0.0
    while True:
        try:
            seconds = next(work)
        except StopIteration as end:
            notes: tuple[str, ...] = end.value
            return notes
        if seconds >= told_at + 1:
            told_at = seconds
            yield status(said("{seconds:.0f} s are spoken.", seconds=seconds))


def status(text: str) -> Update:
    """An update of the hint only."""
    return gr.skip(), gr.skip(), hint_html(text)


def _connect_speaking(texts: Texts, parts: TextVoice, voice: gr.Audio) -> None:
    def begin() -> tuple[Any, ...]:
        return gr.Button(interactive=False), gr.Button(t("Cancel"), visible=True, interactive=True)

    def end() -> tuple[Any, ...]:
        return gr.Button(interactive=True), gr.Button(visible=False)

    def failed(chosen: str) -> tuple[Any, ...]:
        return *end(), about_html(chosen)

    buttons = [parts.listen, parts.cancel]
    started = parts.listen.click(begin, None, buttons, **QUIET)
    run = started.then(
        taking_turns(
            speak_function(texts.settings, texts.ledger),
            texts.line,
            texts.settings,
            lambda bar: status(QUEUED),
        ),
        [*parts.given, texts.visitor],
        [voice, parts.spoken, parts.hint],
        **SILENT,
        concurrency_limit=None,  # the line decides
        api_visibility="private",
    )
    run.success(end, None, buttons, **QUIET)
    run.failure(failed, parts.voice, [*buttons, parts.hint], **QUIET)
    connect_cancel(parts.cancel, [run])
    parts.voice.change(about_html, parts.voice, parts.hint, **QUIET)

    def editable(path: str | None, spoken: SpokenFile | None) -> Any:
        # A spoken text is edited in its box. Trimming it here would lose the mark that it is generated.
        is_spoken = spoken is not None and path == spoken.path
        return gr.Audio(editable=not is_spoken, autoplay=is_spoken)

    voice.change(
        editable,
        [voice, parts.spoken],
        voice,
        **QUIET,
    )


def restored(parts: TextVoice, wish: SpokenText) -> dict[Any, Any]:
    """Updates that put a text back into the box, and unfold it."""
    language, speaks = wish.language or AUTOMATIC, f"{wish.engine}/{wish.chosen_voice().name}"
    return {
        parts.fold: gr.Accordion(open=True),
        parts.text: wish.text,
        parts.language: language,
        parts.voice: gr.Dropdown(choices=_voices(language), value=speaks),
        parts.speed: wish.speed,
    }


def usable() -> list[SpeechSpec]:
    """The speech engines whose packages are installed; if there are none, all, which say what they need."""
    return [spec for spec in registry.specs() if not spec.packages.missing()] or registry.specs()


def _languages() -> list[tuple[Any, str]]:
    known = dict.fromkeys(code for spec in usable() for code in spec.languages)
    return [(t("By the letters"), AUTOMATIC), *((t(LANGUAGES[code].title), code) for code in known)]


def _voices(language: str) -> list[tuple[Any, str]]:
    return [
        (t(f"{voice.title} ({spec.title})"), f"{spec.name}/{voice.name}")
        for spec in usable()
        for voice in (spec.voices_of(language) if language else spec.voices)
    ]


def _first(language: str) -> str:
    return _voices(language)[0][1]


def _offered(language: str) -> Any:
    return gr.Dropdown(choices=_voices(language), value=_first(language))
