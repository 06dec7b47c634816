"""Lets you choose a face, or set an animal's three points, by clicking on the portrait."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from engines.base import AnimationMode
from media.desk.edit import PLAIN, SHAPES, PortraitEdit
from media.desk.finding import Finding
from media.messages import said
from studio.crop_view import Crop
from studio.job import Point
from studio.portrait_view import Box, PortraitView
from studio.turned_copy import TurnedPortrait
from ui.components.filled import filled

POINT_NAMES = ("left eye", "right eye", "mouth")
GRIPS = (
    ("nw", "Move the upper left corner of the crop"),
    ("ne", "Move the upper right corner of the crop"),
    ("sw", "Move the lower left corner of the crop"),
    ("se", "Move the lower right corner of the crop"),
    ("move", "Move the crop"),
)


@dataclass(frozen=True)
class Picked:
    """A visitor's choice on one portrait; coordinates in pixels of the upright upload.

    boxes: the found faces, largest first. face_index: the chosen face in a picture of people. points: up to
    three, in the order of POINT_NAMES, for an animal; both are kept while the subject changes. proposals:
    places of three points, which count only once they are accepted or one of them is moved, and the number of
    the one that is shown. looks_again: the engine
    searches for an animal's face itself, by more means than are used here. may_be_animal, turn: as in
    `PortraitView`. crop: what the engine sees, if that is less than the portrait and already known.

    edit: what is changed about the portrait before it is animated. near: the box of the face that was chosen
    before the edit, until it is found again. turned: how the portrait was made, if it is a turned copy. size,
    quality, kept, jpeg: as in `PortraitView`.
    """

    portrait: str
    subject: AnimationMode = "human"
    boxes: tuple[Box, ...] = ()
    face_index: int = 0
    needs_points: bool = False
    points: tuple[Point, ...] = ()
    proposals: tuple[tuple[Point, Point, Point], ...] = ()
    proposed: int = 0
    may_be_animal: bool = False
    turn: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""
    looks_again: bool = False
    crop: Crop | None = None
    edit: PortraitEdit = PLAIN
    near: Box | None = None
    turned: TurnedPortrait | None = None
    size: tuple[float, float] = (0.0, 0.0)
    quality: tuple[Finding, ...] = ()
    kept: Box | None = None
    jpeg: bytes = b""

    @property
    def chosen_box(self) -> Box | None:
        """The box of the chosen face; the one before an edit until the face is found again."""
        if self.near is not None:
            return self.near
        number = self.face_for(self.subject)
        return self.boxes[number] if number < len(self.boxes) else None

    def with_edit(self, edit: PortraitEdit) -> Picked:
        """The choice with other changes of the portrait, whose faces are not known yet."""
        return replace(self, edit=edit, near=self.chosen_box, face_index=0)

    @property
    def set_points(self) -> tuple[Point, ...]:
        """The points that count: those of an animal."""
        return self.points if self.subject == "animal" else ()

    @property
    def proposed_points(self) -> tuple[Point, ...]:
        """The proposal that is shown; empty once a point is set."""
        if self.subject != "animal" or self.points or self.proposed not in range(len(self.proposals)):
            return ()
        return self.proposals[self.proposed]

    @property
    def takes_another(self) -> bool:
        """Whether another proposal may be asked for: not if points were set by hand, or there is no other."""
        if self.subject != "animal" or len(self.proposals) == 1:
            return False
        return self.points in self.proposals if self.points else bool(self.proposals or self.boxes)

    def anchors_for(self, mode: str) -> tuple[Point, Point, Point] | None:
        """The three points once all are set, for an animal only."""
        if mode != "animal" or len(self.points) != 3:
            return None
        return (self.points[0], self.points[1], self.points[2])

    @property
    def looked_at(self) -> tuple[Any, ...]:
        """What a click can change that decides what is found and shown: a face has its own notes, and a part
        in another shape is cut around the points.
        """
        return self.face_index, self.near, None if self.edit.plain else self.anchors_for(self.subject)

    def face_for(self, mode: str) -> int:
        """The number of the chosen face; animals have no choice of faces."""
        return self.face_index if mode == "human" else 0

    def seen(self, view: PortraitView) -> Picked:
        """The same choice with what was found in the image."""
        same = not view.proposals or view.proposals[:1] == self.proposals[:1]
        return replace(
            self,
            boxes=view.boxes,
            face_index=view.chosen if self.subject == "human" else self.face_index,
            needs_points=view.needs_points,
            proposals=self.proposals if same else view.proposals,
            proposed=self.proposed if same else 0,
            may_be_animal=view.may_be_animal,
            turn=view.turn,
            size=(view.width, view.height) if view.width else self.size,
            quality=view.quality,
            kept=view.kept,
            jpeg=view.jpeg,
            notes=view.notes,
            problem="",
        )

    def failed(self, problem: str, *, may_be_animal: bool) -> Picked:
        """The same choice without what was found before: it is not known of this edit."""
        made = replace(self, crop=None, quality=(), kept=None, jpeg=b"")
        return replace(made, problem=problem, may_be_animal=may_be_animal)

    def clicked(self, x: float, y: float) -> Picked:
        """The choice after a click: the face under it for a human, the next point for an animal.

        Once three points are set, a click moves the nearest of them. A click next to all faces takes the
        nearest one.
        """
        if self.subject == "animal":
            if len(self.points) < len(POINT_NAMES):
                return replace(self, points=(*self.points, (float(x), float(y))))
            near = min(range(len(self.points)), key=lambda number: math.dist(self.points[number], (x, y)))
            return self.moved(near, x, y)
        if not self.boxes:
            return self
        nearest = min(range(len(self.boxes)), key=lambda index: _distance(self.boxes[index], x, y))
        if self.near is not None:  # the boxes are those before an edit, after which the numbers differ
            return replace(self, near=self.boxes[nearest])
        return replace(self, face_index=nearest)

    def moved(self, number: int, x: float, y: float) -> Picked:
        """The choice with one visible point at another place. A proposal is accepted by that."""
        points = list(self.set_points or self.proposed_points)
        if not 0 <= number < len(points):
            return self
        points[number] = (float(x), float(y))
        return replace(self, points=tuple(points))

    def another(self) -> Picked:
        """The choice with the next proposal, after the last one the first. If a face was found anyway, its
        points are set at once, because the visitor asked for others.
        """
        if not self.proposals or not self.takes_another:
            return self
        number = (self.proposed + 1) % len(self.proposals)
        return replace(self, proposed=number, points=() if self.needs_points else self.proposals[number])

    def cleared(self) -> Picked:
        """The choice without points and proposals."""
        return replace(self, points=(), proposals=(), proposed=-1)

    def accepted(self) -> Picked:
        """The choice with the proposed points set."""
        return replace(self, points=self.proposed_points or self.points)


def _distance(box: Box, x: float, y: float) -> tuple[float, float]:
    """How far a point is outside a box, then how far from its centre, which decides between overlapping
    boxes.
    """
    x0, y0, x1, y1 = box
    outside = max(x0 - x, 0, x - x1) ** 2 + max(y0 - y, 0, y - y1) ** 2
    return outside, ((x0 + x1) / 2 - x) ** 2 + ((y0 + y1) / 2 - y) ** 2


def overlay_html(picked: Picked | None) -> str:
    """Boxes and points for the portrait; the page's script places them by their pixel coordinates."""
    if picked is None:
        return ""
    chosen = picked.face_for(picked.subject)
    visible = picked.set_points or picked.proposed_points
    return filled(
        "overlay.html",
        crop=" ".join(f"{x:.1f},{y:.1f}" for x, y in picked.crop.corners) if picked.crop else "",
        faces=[
            {
                "number": number,
                "chosen": number == chosen,
                "box": _numbers(box),
                "name": said("Face {number}: let this one talk", number=number),
            }
            for number, box in enumerate([] if visible else picked.boxes)
        ],
        points=[
            (name, said("Move the {point} with the arrow keys", point=name), _numbers(at))
            for name, at in zip(POINT_NAMES, visible, strict=False)
        ],
        proposed=not picked.set_points and picked.needs_points,
        zooms=picked.subject == "animal",
        frame=_numbers(picked.edit.crop or picked.kept or ()) if not picked.edit.plain else "",
        ratio=_ratio(picked.edit.shape),
        grips=GRIPS,
    )


def _ratio(shape: str) -> str:
    ratio = SHAPES[shape]
    return f"{ratio[0] / ratio[1]:.5f}" if ratio else ""


def _numbers(values: Iterable[float]) -> str:
    """Pixels, as the page's script reads them."""
    return ",".join(f"{value:.1f}" for value in values)


def hint_html(picked: Picked | None) -> str:
    """One line below the portrait: what was found and what a click does."""
    if picked is None:
        return _hint("A face that looks towards the camera works best.")
    if picked.problem:
        return _hint(picked.problem, problem=True)
    parts = [*([] if picked.set_points or picked.needs_points else picked.notes), _advice(picked)]
    return _hint(*filter(None, parts), crop=picked.crop)


def _hint(*sentences: str, problem: bool = False, crop: Crop | None = None) -> str:
    picture = base64.b64encode(crop.jpeg).decode("ascii") if crop else ""
    return filled("hint.html", sentences=sentences, problem=problem, picture=picture)


def _advice(picked: Picked) -> str:
    if picked.subject == "animal":
        if picked.points in picked.proposals and len(picked.proposals) > 1:
            return said(
                "Proposal {number} of {count} is set. Drag a point to move it, or use the arrow keys.",
                number=picked.proposals.index(picked.points) + 1,
                count=len(picked.proposals),
            )
        if len(picked.points) == 3:
            return "All three points are set. Drag one to move it, or use the arrow keys."
        if picked.proposed_points and not picked.needs_points:
            return "The face was found. If a point is wrong, drag it to its place."
        if picked.proposed_points and len(picked.proposals) > 1:
            return said(
                "These points are proposal {number} of {count}. Accept them, see another proposal, drag a "
                "point to its place, or click on the left eye, the right eye and the mouth yourself.",
                number=picked.proposed + 1,
                count=len(picked.proposals),
            )
        if picked.proposed_points:
            return (
                "These points are a proposal. Accept them, drag one to its place, or click on the left eye, "
                "the right eye and the mouth yourself."
            )
        if picked.points or picked.needs_points:
            if picked.points:
                return said("Now click on the {point}.", point=POINT_NAMES[len(picked.points)])
            if picked.looks_again:
                return (
                    "No animal's face has been found yet; the engine will search again. To be sure, "
                    "click on the left eye (the one on the left), the right eye and the mouth."
                )
            return "No animal's face was found reliably. Click on its left eye (the one on the left)."
        return "If the box is wrong, click on the left eye, the right eye and the mouth in turn."
    if len(picked.boxes) > 1:
        return "To choose another face, click on it."
    if not picked.boxes:
        return "No face was found; the portrait will still be animated."
    return "One face was found."
