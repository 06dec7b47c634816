"""Shows how a tab's engine sees a portrait, and which options decide that and the cost of a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from engines import registry
from engines.base import AnimationMode, EngineOptions
from studio.crop_view import view_crop
from studio.estimate import COSTING, Estimate, estimate
from studio.options import list_options, make_options, modes_of
from studio.portrait_view import view_portrait
from studio.settings import Settings
from ui.components.options_form import EVERY_MODE, OptionsForm
from ui.components.portrait_desk import nearest_face
from ui.components.portrait_picker import Picked

MODE = "animation_mode"


@dataclass(frozen=True)
class PortraitPreview:
    """How one tab sees the page's portrait: as its engine does, or without an engine if `engine` is "".

    parts: the components that say what the image shows, which part of it the engine sees and how much work a
    video is, by their option's name. modes: what the tab can animate. looks_again: as in `Picked`.
    """

    engine: str = ""
    modes: tuple[AnimationMode, ...] = EVERY_MODE
    looks_again: bool = False
    parts: Mapping[str, gr.components.Component] = field(default_factory=dict)

    @classmethod
    def of(cls, form: OptionsForm) -> PortraitPreview:
        """The view for an engine's options."""
        cropping = [option.name for option in list_options(form.engine) if option.crops]
        names = dict.fromkeys((MODE, *cropping, *COSTING))
        return cls(
            form.engine,
            modes_of(form.engine),
            registry.spec_of(form.engine).finds_animals,
            {name: form.components[name] for name in names if name in form.components},
        )

    @property
    def animates_animals(self) -> bool:
        """Whether the tab has an animal mode."""
        return "animal" in self.modes

    def look(self, picked: Picked, given: Mapping[str, Any], settings: Settings) -> Picked:
        """The choice with the found faces, and the crop. Raises the errors of `view_portrait`.

        given: values of `parts`, by name.
        """
        options = self._options(picked, given)
        seen = self._seen(picked, options, settings)
        if seen.near is not None:
            near, seen = nearest_face(seen), replace(seen, near=None)
            if seen.subject == "human" and near != seen.face_index:
                seen = self._seen(replace(seen, face_index=near), options, settings)
        seen = replace(seen, may_be_animal=seen.may_be_animal and self.animates_animals)
        return self.cropped(seen, given, settings)

    def _seen(self, picked: Picked, options: EngineOptions | None, settings: Settings) -> Picked:
        known: dict[str, Any] = {
            "subject": picked.subject,
            "face_index": picked.face_for(picked.subject),
            "face_needed": options.needs_face if options else True,
            "engine": self.engine,
            "settings": settings,
            "edit": picked.edit,
        }
        # Without the points, to know what else there is once they are removed.
        seen = picked.seen(view_portrait(picked.portrait, **known))
        if (anchors := picked.anchors_for(picked.subject)) is None or picked.edit.plain:
            return seen
        shown = view_portrait(picked.portrait, anchors=anchors, **known)  # a shape is cut around the points
        size = (shown.width, shown.height)
        return replace(seen, size=size, quality=shown.quality, kept=shown.kept, jpeg=shown.jpeg)

    def cropped(self, picked: Picked, given: Mapping[str, Any], settings: Settings) -> Picked:
        """The choice with its crop."""
        options = self._options(picked, given)
        if options is None or picked.problem:
            return replace(picked, crop=None)
        crop = view_crop(
            self.engine,
            picked.portrait,
            options,
            face_index=picked.face_for(picked.subject),
            anchors=picked.anchors_for(picked.subject),
            settings=settings,
            edit=picked.edit,
        )
        return replace(picked, crop=crop)

    def cost(
        self,
        seconds: float,
        portrait: str | None,
        given: Mapping[str, Any],
        settings: Settings,
        *,
        faces: int = 1,
    ) -> Estimate | None:
        """The time that a video of `seconds` takes in which so many faces speak; None without an engine."""
        if not self.engine:
            return None
        options = make_options(self.engine, {name: given[name] for name in COSTING if name in given})
        found = estimate(self.engine, options, seconds, portrait=portrait, settings=settings)
        return replace(found, seconds=faces * found.seconds)

    def _options(self, picked: Picked, given: Mapping[str, Any]) -> EngineOptions | None:
        if not self.engine:
            return None
        crops = {option.name for option in list_options(self.engine) if option.crops}
        known = {name: value for name, value in given.items() if name in crops}
        return make_options(self.engine, known | {MODE: picked.subject})


class TabViews:
    """The views of all tabs, for handlers that receive the values of all their parts and follow one tab.

    views: by the id of the tab. A tab that is not in it is seen without an engine.
    """

    def __init__(self, views: Mapping[str, PortraitPreview]) -> None:
        self.views = views
        self.components = [part for view in views.values() for part in view.parts.values()]
        self.modes = [view.parts[MODE] for view in views.values()]

    def at(self, tab: str, values: Sequence[Any]) -> tuple[PortraitPreview, dict[str, Any]]:
        """A tab's view, and the values of its parts by name. values: of `components`."""
        place = 0
        for name, view in self.views.items():
            if name == tab:
                return view, dict(zip(view.parts, values[place:], strict=False))
            place += len(view.parts)
        return PortraitPreview(), {}

    def parts(self, *, crops: bool) -> list[Any]:
        """Components of all tabs except the modes: those that decide a crop, or those that decide a cost."""
        return [
            part
            for view in self.views.values()
            for name, part in view.parts.items()
            if name != MODE and (name in COSTING) != crops
        ]
