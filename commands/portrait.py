"""`portrait`: judges a portrait, and writes it turned, cropped, reshaped or without its background."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from commands.desk_flags import Crop, Shape, Turn, portrait_edit
from commands.option_flags import anchor_points
from media.desk.edit import PortraitEdit
from media.documents.paths import given_path
from media.documents.quoting import whole
from media.errors import NoFaceError, OptionError


def portrait(
    picture: Annotated[str, typer.Argument(metavar="PORTRAIT", help="An image with a face.")],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="A .png or .jpg file for the edited portrait."),
    ] = None,
    turn: Turn = None,
    crop: Crop = None,
    shape: Shape = None,
    background: Annotated[
        str | None,
        typer.Option(
            "--background",
            metavar="blur|transparent|#RRGGBB",
            help="Blur what is behind the person, put a colour in its place, or remove it (PNG).",
        ),
    ] = None,
    mode: Annotated[
        str, typer.Option("--animation-mode", metavar="human|animal", help="What the portrait shows.")
    ] = "human",
    face_index: Annotated[
        int, typer.Option("--face-index", min=0, help="Which face to judge; 0 is the largest.")
    ] = 0,
    anchors: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--anchors", metavar="X,Y X,Y X,Y", help="An animal's left eye, right eye and mouth."),
    ] = None,
    proposals: Annotated[
        bool,
        typer.Option("--proposals", help="Print where an animal's eyes and mouth may be, as --anchors."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how well a portrait can be animated, and what to do; write the edited portrait with -o.

    The flags that change it are those of `animate`, which makes the same changes by itself.
    """
    from studio.portrait_file import check_portrait, write_portrait

    edit = portrait_edit(turn, crop, shape, background)
    target = None if output is None else given_path(output)
    if mode not in ("human", "animal"):
        raise OptionError("The animation mode is human or animal, not {mode}.", mode=mode)
    if proposals:
        _print_proposals(given_path(picture), edit, as_json=as_json)
        return
    found = check_portrait(
        given_path(picture),
        edit,
        subject="animal" if mode == "animal" else "human",
        face_index=face_index,
        anchors=anchor_points(anchors),
        target=target,
    )
    if target is not None:
        write_portrait(found, target)
    light = found.light
    if as_json:
        findings = {one.what: {"level": one.level, "text": one.text} for one in found.findings}
        size, faces = [found.portrait.width, found.portrait.height], len(found.portrait.faces)
        print(json.dumps({"light": light, "size": size, "faces": faces, "findings": findings}))
        return
    judged = f"{light}, " if light else ""
    pixels = f"{found.portrait.width}x{found.portrait.height} pixels in the video"
    print(f"{whole(Path(picture))}: {judged}{pixels}")
    for one in found.findings:
        print(f"  {one.level:<5} {one.what:<10} {one.text}")
    for note in found.portrait.notes:
        print(f"note: {note}")
    if target is not None:
        print(f"{whole(target)}: the edited portrait")


def _print_proposals(picture: Path, edit: PortraitEdit, *, as_json: bool) -> None:
    """Print every proposal as flags of `animate`, likeliest first."""
    from media.anchors import anchors_flag
    from studio.animal_proposals import propose_points

    found = propose_points(picture, edit=edit)
    if as_json:
        print(json.dumps({"proposals": found}))
        return
    if not found:
        raise NoFaceError(
            "Nothing in the portrait looks like an animal's face. Pass its left eye, its right eye and its "
            "mouth as --anchors x,y x,y x,y in pixels of the portrait."
        )
    for points in found:
        print(f"--anchors {anchors_flag(points)}")
