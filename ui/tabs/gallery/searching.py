"""Finds takes by the words that the page shows for them, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from media.errors import OptionError
from studio.gallery.takes import Take
from studio.options import Option, list_options
from ui.components.option_words import engine_words, words_of
from ui.components.options_form import in_words
from ui.i18n.catalogue import chinese
from ui.tabs.gallery.take_list import name_of_take, voice_words

_NUMBER = re.compile(r"\d+(\.\d+)?")
LONGEST_SEARCH = 200
"""Characters that are searched for; the rest is left out."""


def finder(search: str | None) -> Callable[[Take], bool]:
    """Whether a take has every word of a search.

    A word may be a part of the names of portrait and voice, of the take's name, its engine, its preset, its
    seed, or of an option and its value. Upper and lower case are the same. A number is found whole only: 2 is
    not in 25.
    """
    wanted = [_pattern(word) for word in (search or "")[:LONGEST_SEARCH].casefold().split()]
    known: dict[str, dict[str, Option]] = {}

    def options_of(engine: str) -> dict[str, Option]:
        if engine not in known:
            try:
                known[engine] = {option.name: option for option in list_options(engine)}
            except OptionError:  # the engine is no longer installed
                known[engine] = {}
        return known[engine]

    def finds(take: Take) -> bool:
        if not wanted:
            return True
        english = list(searched(take, options_of(take.entry.result.engine)))
        text = "\n".join((*english, *filter(None, map(chinese, english)))).casefold()
        return all(word.search(text) for word in wanted)

    return finds


def _pattern(word: str) -> re.Pattern[str]:
    found = re.escape(word)
    return re.compile(rf"(?<![\d.]){found}(?!\d|\.\d)" if _NUMBER.fullmatch(word) else found)


def searched(take: Take, options: dict[str, Option]) -> Iterable[str]:
    """Every text that a search looks through, in English."""
    result = take.entry.result
    yield from (result.portrait, voice_words(result.speech), name_of_take(take))
    yield from (result.engine, engine_words(result.engine))
    yield from ("Seed", str(result.seed))
    if result.dub is not None:
        yield "Dub"
    if result.preset:
        yield in_words(result.preset)
    for name, value in result.options.items():
        if name in options:
            yield options[name].title
            yield words_of(options[name], value)
