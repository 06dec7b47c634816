"""Reads what a video states about itself, and checks whether that is still true."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from media.documents.bounds import Bounds
from media.documents.json_text import parse_json
from media.documents.quoting import quoted, reason_of
from media.errors import DocumentError, InputError
from media.gif_file import is_gif, read_gif
from studio.provenance.certificates import TEST_ISSUER
from studio.provenance.origin import read_facts, settings_hash
from studio.provenance.signing import C2PA, LABEL

MOST_PROBLEMS = 20
STRANGE = (ValueError, AttributeError, LookupError, TypeError)
"""Errors from reading a manifest whose values have unexpected types."""
UNTRUSTED = "signingCredential.untrusted"
"""C2PA's code for a signer who is on no trust list, as with every test certificate."""
MANIFEST = Bounds(
    32_000_000, depth=64, nodes=500_000, text=4_000_000, finite=False, whole_text=False, single_keys=False
)
"""Limits on the library's report of a manifest, which may contain a thumbnail."""


@dataclass(frozen=True)
class C2paManifest:
    """A C2PA manifest.

    state: "valid" (unchanged since it was signed), "invalid" or "trusted" (valid, and the signer is known).
    problems: the codes of all problems besides an unknown signer. claims: JoyStudio's own, else empty.
    test_certificate: whether no authority verified the signer.
    """

    state: str
    signer: str
    algorithm: str
    generator: str
    source_type: str
    test_certificate: bool
    claims: dict[str, Any]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Inspection:
    """What a video states.

    facts: the metadata that JoyStudio wrote, or None. settings_hold: whether they match the hash next to
    them; None without one. manifest: None if there is none, or if it cannot be read; then `note` gives the
    reason.
    """

    path: Path
    facts: dict[str, Any] | None
    settings_hold: bool | None
    manifest: C2paManifest | None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Everything as values for `json.dumps`."""
        return asdict(self) | {"path": str(self.path)}


def inspect_video(path: Path) -> Inspection:
    """Read metadata and manifest. Raises InputError for a file that is not a video, or that has neither."""
    kind = media_type_of(path)
    facts = read_facts(_metadata(path, kind))
    note, found = "", None
    if find_spec("c2pa") is None:
        note = "A signed manifest could not be looked for, because the package c2pa-python is not installed."
    elif kind is not None:
        found = _manifest(path, kind)
    if facts is None and found is None:
        raise InputError(
            '"{path}" does not say how it was made: it has neither JoyStudio\'s metadata nor a signed '
            "manifest. Programs that re-encode a video often remove both.",
            path=quoted(str(path)),
        )
    given = facts.get("settings_sha256") if facts else None
    hold = None if facts is None or given is None else given == settings_hash(facts)
    return Inspection(path, facts, hold, found, note)


def _metadata(path: Path, kind: str | None) -> dict[str, str]:
    """A video's tags by their lower-case names; Matroska writes them in capitals."""
    from media.decoding.isolated_video import open_video  # late: imports the decoder

    if kind == "image/gif":
        return {"comment": read_gif(path).comment}
    return {name.lower(): text for name, text in open_video(path).metadata.items()}


def media_type_of(path: Path) -> str | None:
    """The media type of a file that may contain a manifest, by its first bytes; None for others."""
    if is_gif(path):
        return "image/gif"
    try:
        with path.open("rb") as file:
            return "video/mp4" if file.read(12)[4:8] == b"ftyp" else None
    except OSError:
        return None


def _manifest(path: Path, kind: str) -> C2paManifest | None:
    import c2pa

    try:
        with c2pa.Context.from_dict(C2PA) as context, path.open("rb") as file:
            reader = c2pa.Reader.try_create(kind, file, context=context)
            if reader is None:
                return None
            with reader:
                report = parse_json(reader.json(), MANIFEST)
                return manifest_of(report)
    except (c2pa.C2paError, DocumentError, OSError) as error:
        return _unreadable(error)


def manifest_of(report: Any) -> C2paManifest:
    """The active manifest of the library's report; an invalid one if its values have unexpected types."""
    try:
        return _active(report)
    except STRANGE as error:
        return _unreadable(error)


def _unreadable(error: Exception) -> C2paManifest:
    return C2paManifest("invalid", "", "", "", "", False, {}, (reason_of(error, 200),))


def _active(report: Any) -> C2paManifest:
    active = report.get("manifests", {}).get(report.get("active_manifest"), {})
    assertions = {entry["label"]: entry.get("data", {}) for entry in active.get("assertions", [])}
    actions: dict[str, Any] = next(
        (data for label, data in assertions.items() if label.startswith("c2pa.actions")), {}
    )
    signature = active.get("signature_info", {})
    failures = report.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    makers = ", ".join(str(entry.get("name", "")) for entry in active.get("claim_generator_info", []))
    problems = dict.fromkeys(quoted(str(f["code"])) for f in failures if f["code"] != UNTRUSTED)
    claims = assertions.get(LABEL, {})
    return C2paManifest(
        state=quoted(str(report.get("validation_state", "invalid"))).lower(),
        signer=quoted(str(signature.get("common_name") or signature.get("issuer") or "")),
        algorithm=quoted(str(signature.get("alg", ""))).lower(),
        generator=quoted(makers),
        source_type=_source_type(actions),
        test_certificate=signature.get("issuer") == TEST_ISSUER,
        claims=claims if isinstance(claims, dict) else {},
        problems=tuple(problems)[:MOST_PROBLEMS],
    )


def _source_type(actions: dict[str, Any]) -> str:
    """The last part of the first source type, as in trainedAlgorithmicMedia."""
    given = (action.get("digitalSourceType") for action in actions.get("actions", []))
    return quoted(str(next((value for value in given if value), "")).rpartition("/")[2])
