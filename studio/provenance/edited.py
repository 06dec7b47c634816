"""What an edited video states about itself: the statements of its sources, and how they were edited."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.errors import InputError
from studio.provenance.inspection import inspect_video, media_type_of
from studio.provenance.origin import claims, metadata, own_facts
from studio.provenance.signing import LABEL, SOURCE_TYPE, Signer
from studio.random_weights import KEY, says_random
from studio.settings import Settings

TITLE, DESCRIPTION = "Edited with JoyStudio", "AI generated: edited from a video that says so."
GENERATED = frozenset({"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"})
"""IPTC's terms for media that a trained model has made, completely or in part."""
CARRIED = ("title", "artist", "copyright", "date", "description", "comment")
"""The metadata kept from a video of another program."""
_PIECE = 2**20


@dataclass(frozen=True)
class Provenance:
    """facts: for the signed manifest. tags: the metadata. generated: whether a source is AI-generated."""

    facts: dict[str, Any]
    tags: dict[str, str]
    generated: bool


def provenance_of(sources: Sequence[Path], edit: Mapping[str, Any]) -> Provenance:
    """Read what the sources state. edit: the operation and its options, as JSON values.

    A single video keeps all facts of the job that made it. A video without an AI label gets none.
    """
    said = [_said(path) for path in sources]
    own = [facts for facts, _ in said if facts is not None]
    generated = any(label for _, label in said)
    hashes = [_hash(path) for path in sources]
    if len(said) == 1 and own:
        facts = {**own[0], "edit": {**edit, "source_sha256": hashes}}
    else:
        engines = list(dict.fromkeys(str(facts["engine"]) for facts in own)) or ["none"]
        facts = {
            "engine": ", ".join(engines),
            "speech_sha256": str(own[0]["speech_sha256"]) if own else "",
            KEY: any(map(says_random, own)),
            "edit": {**edit, "source_sha256": hashes},
        }
    return Provenance(facts, _tags(facts, generated, bool(own), sources), generated)


class EditSigner(Signer):
    """Signs one edited video in place, with its sources as ingredients."""

    def __init__(
        self, provenance: Provenance, settings: Settings, sources: Sequence[Path], media_type: str
    ) -> None:
        super().__init__(provenance.facts, settings)
        self.media_type = media_type
        self._sources = sources
        self._generated = provenance.generated

    def manifest(self) -> dict[str, Any]:
        """The claims. A single source is the parent, with the action "opened"; several are components, with
        "placed".
        """
        single = len(self._sources) == 1
        made: dict[str, Any] = {"action": "c2pa.edited" if single else "c2pa.created"}
        made["softwareAgent"] = {"name": "JoyStudio"}
        if self._generated:
            made["digitalSourceType"] = SOURCE_TYPE
        elif not single:
            made["digitalSourceType"] = SOURCE_TYPE.replace("trainedAlgorithmicMedia", "composite")
        taken = [
            {
                "action": "c2pa.opened" if single else "c2pa.placed",
                "parameters": {"ingredientIds": [_ingredient_id(number)]},
            }
            for number in range(len(self._sources))
        ]
        claimed = claims(self._facts) | {KEY: says_random(self._facts)}  # the sources may use a former name
        return {
            "claim_generator_info": [{"name": "JoyStudio"}],
            "title": TITLE,
            "format": self.media_type,
            "ingredients": [
                self._ingredient(number)
                for number, path in enumerate(self._sources)
                if media_type_of(path) is None
            ],
            "assertions": [
                {
                    "label": "c2pa.actions.v2",
                    "data": {"actions": [*taken, made] if single else [made, *taken]},
                },
                {"label": LABEL, "data": claimed},
            ],
        }

    def add_sources(self, builder: Any) -> None:
        """Add the sources that can hold a manifest, with it; the claims name the others."""
        for number, path in enumerate(self._sources):
            kind = media_type_of(path)
            if kind is not None:
                with path.open("rb") as file:
                    builder.add_ingredient(self._ingredient(number), kind, file)

    def _ingredient(self, number: int) -> dict[str, str]:
        """A source as an ingredient, without its file name, as in the metadata."""
        return {
            "title": f"Source {number + 1}",
            "relationship": "parentOf" if len(self._sources) == 1 else "componentOf",
            "instance_id": _ingredient_id(number),
        }


def _ingredient_id(number: int) -> str:
    return f"source-{number + 1}"


def _said(path: Path) -> tuple[dict[str, Any] | None, bool]:
    """JoyStudio's facts of a video, without those that `metadata` adds, and whether it says it is
    AI-generated.
    """
    try:
        found = inspect_video(path)
    except InputError:
        return None, False
    facts = found.facts
    by_manifest = found.manifest is not None and found.manifest.source_type in GENERATED
    if facts is None:
        return None, by_manifest
    return own_facts(facts), by_manifest or facts.get("ai_generated") is True


def _tags(facts: dict[str, Any], generated: bool, own: bool, sources: Sequence[Path]) -> dict[str, str]:
    from media.video_reader import VideoReader

    carried: dict[str, str] = {}
    if len(sources) == 1:
        said = {name.lower(): text for name, text in VideoReader(sources[0]).metadata.items()}
        carried = {name: said[name] for name in CARRIED if name in said}
    if not generated:
        return carried
    if own:
        return carried | metadata(facts) | {"title": TITLE, "description": DESCRIPTION}
    return {"title": TITLE, **carried, "description": DESCRIPTION}


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
