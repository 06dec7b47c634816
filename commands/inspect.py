"""`inspect`: shows how a video says it was made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from media.documents.paths import given_path
from media.documents.quoting import quoted, shown, whole
from studio.random_weights import says_random

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.provenance.inspection import C2paManifest, Inspection


def inspect(
    video: Annotated[str, typer.Argument(metavar="VIDEO", help="A video from JoyStudio or another program.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read a video's metadata and signed manifest, and check both."""
    from studio.provenance.inspection import inspect_video

    found = inspect_video(given_path(video))
    if as_json:
        print(json.dumps(found.as_json()))
        return
    print(whole(found.path))
    for name, value in _lines(found):
        print(f"  {name:<12} {value}")


def _lines(found: Inspection) -> Iterator[tuple[str, str]]:
    if (facts := found.facts) is not None:
        seed = f", seed {shown(facts['seed'])}" if "seed" in facts else ""
        yield "made with", f"JoyStudio, engine {quoted(str(facts['engine']))}{seed}; AI-generated"
        if isinstance(voice := facts.get("generated_voice"), dict):
            yield "voice", f"generated from a text by {quoted(str(voice.get('engine')))}"
        if says_random(facts):
            yield "weights", "random: the frames do not show the engine's real quality"
        if found.settings_hold is not None:
            held = "unchanged" if found.settings_hold else "CHANGED"
            yield "settings", f"{held} since they were written"
        for name, value in facts.get("options", {}).items():
            yield "", f"{quoted(name)} = {quoted(str(value))}"
    else:
        yield "made with", "no metadata of JoyStudio"
    if found.manifest is not None:
        yield from _signed(found.manifest)
    else:
        yield "manifest", found.note or "none"


def _signed(manifest: C2paManifest) -> Iterator[tuple[str, str]]:
    means = {
        "valid": "valid: the video has not changed since it was signed",
        "trusted": "trusted: not changed since, and the signer is known",
    }
    yield (
        "manifest",
        means.get(manifest.state, f"INVALID: {', '.join(manifest.problems) or 'no reason given'}"),
    )
    who = f"{manifest.signer or 'unknown'} ({manifest.algorithm or 'unknown algorithm'})"
    yield "signed by", who + (", a test certificate, not verified" if manifest.test_certificate else "")
    if manifest.source_type:
        yield "source type", manifest.source_type
