"""Shows how a tab's engine sees a portrait, and which options decide that and the cost of a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from engines import registry
from engines.base import EngineOptions
from studio.crop_view import view_crop
from studio.estimate import COSTING
from studio.options import list_options, make_options
from studio.portrait_view import view_portrait
from studio.settings import Settings
from ui.components.options_form import OptionsForm
from ui.components.portrait_picker import Picked
from ui.viewing import ViewingGate


@dataclass(frozen=True)
class PortraitPreview:
    """Looks at portraits as one engine does; as no particular one where `engine` is "".

    gate: what every handler that looks at a file goes through.
    sliders: the components that decide what it sees, by their option's name. looks_again: as in `Picked`.
    costing: those that decide how much work a video is.
    """

    settings: Settings
    gate: ViewingGate
    engine: str = ""
    looks_again: bool = False
    sliders: Mapping[str, gr.components.Component] = field(default_factory=dict)
    costing: Mapping[str, gr.components.Component] = field(default_factory=dict)

    @classmethod
    def of(cls, form: OptionsForm, settings: Settings, gate: ViewingGate) -> PortraitPreview:
        """That of the engine whose options these are."""
        cropping = [option.name for option in list_options(form.engine) if option.crops]
        looks_again = registry.spec_of(form.engine).finds_animals
        chosen = form.components
        return cls(
            settings,
            gate,
            form.engine,
            looks_again,
            {name: chosen[name] for name in cropping},
            {name: chosen[name] for name in COSTING if name in chosen},
        )

    def look(self, picked: Picked, values: Sequence[Any]) -> Picked:
        """The choice with the faces that are found, and the crop. Raises what `view_portrait` raises.

        values: of the sliders, in their order.
        """
        options = self._options(picked, values)
        view = view_portrait(
            picked.portrait,
            subject=picked.subject,
            face_index=picked.face_index,
            face_needed=options.needs_face if options else True,
            settings=self.settings,
        )
        return self.cropped(picked.seen(view), values)

    def cropped(self, picked: Picked, values: Sequence[Any]) -> Picked:
        """The choice with the crop that belongs to it."""
        options = self._options(picked, values)
        if options is None or picked.problem:
            return replace(picked, crop=None)
        crop = view_crop(
            self.engine,
            picked.portrait,
            options,
            face_index=picked.face_index,
            anchors=picked.anchors,
            settings=self.settings,
        )
        return replace(picked, crop=crop)

    def _options(self, picked: Picked, values: Sequence[Any]) -> EngineOptions | None:
        if not self.engine:
            return None
        given = dict(zip(self.sliders, values, strict=True)) | {"animation_mode": picked.subject}
        return make_options(self.engine, given)
