"""Signs a finished video: adds a manifest (C2PA) that states what made it."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from media.errors import OutputError, SigningError
from media.output_file import NO_ROOM, OutputFile
from studio.provenance.certificates import credentials
from studio.provenance.origin import TITLE, claims
from studio.settings import Settings
from studio.watched_file import WatchedFile

LABEL = "joystudio.settings"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's term for media that a trained model has made, which others label as AI."""
C2PA = {
    "core": {
        # One hash per piece of this size; without it, the library reads the whole video into memory.
        "merkle_tree_chunk_size_in_kb": 1024,
        "merkle_tree_max_proofs": 0,
        "backing_store_memory_threshold_in_mb": 1,
    },
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
"""Settings of the C2PA library: constant memory, and no network access."""

MISSING = (
    "This video has no signed manifest, because the package c2pa-python is not installed; "
    "its metadata says that it is AI generated."
)
_log = logging.getLogger(__name__)


class Signer:
    """Signs one finished video in place. A failure never costs the video; `note` gives the reason.

    failed: a signature was requested and this machine can sign, but there is none.
    """

    media_type = "video/mp4"

    def __init__(self, facts: Mapping[str, Any], settings: Settings) -> None:
        self._facts = facts
        self._settings = settings
        self.done = False
        self.failed = False
        self.note = ""

    def __call__(self, path: Path) -> None:
        """Add the manifest to a video. Memory does not grow with its length; the disk needs twice
        its size.
        """
        if not self._settings.sign:
            return
        try:
            self._replace(path)
            self.done = True
        except ImportError:
            self.note = MISSING
        except Exception as error:  # any error of the library: an unsigned video is still a video
            self.failed = True
            known = isinstance(error, SigningError | OutputError)
            reason = str(error) if known else " ".join(str(error).split())[:200]
            if not known:
                _log.warning("The video was not signed: %s: %s", type(error).__name__, reason)
                _log.debug("Where signing failed:", exc_info=error)
            self.note = f"This video is finished but has no signed manifest. {reason}"

    def _replace(self, path: Path) -> None:
        """Write a signed copy next to the video, which then replaces it."""
        import c2pa  # noqa: F401  (before anything is written)

        signed = OutputFile(path)
        try:
            # In a separate thread: a signal would be lost in the library's callbacks.
            with (
                WatchedFile(path, "rb") as old,
                WatchedFile(signed.path, "rb+") as new,
                ThreadPoolExecutor(1, thread_name_prefix="sign") as thread,
            ):
                try:
                    thread.submit(self._sign, old, new).result()
                except Exception as error:
                    raise _explained(error, old, new, path) from None
                except BaseException:  # Ctrl-C
                    new.stop()
                    raise
        except BaseException:
            signed.discard()
            raise
        signed.keep()

    def _sign(self, old: WatchedFile, new: WatchedFile) -> None:
        import c2pa

        with_what = credentials(self._settings)
        info = c2pa.C2paSignerInfo(with_what.algorithm, with_what.chain, with_what.key, None)
        with (
            c2pa.Context.from_dict(C2PA) as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(self.manifest(), context) as builder,
        ):
            self.add_sources(builder)
            builder.sign(signer, self.media_type, old, new)

    def manifest(self) -> dict[str, Any]:
        """The claims about the video."""
        return manifest(self._facts)

    def add_sources(self, builder: Any) -> None:
        """Give a c2pa.Builder the source files of this video; a new video has none."""


def _explained(error: Exception, old: WatchedFile, new: WatchedFile, video: Path) -> Exception:
    """The reason why signing stopped: the library only says that a file could not be written."""
    if new.error is not None and new.error.errno in NO_ROOM:
        return SigningError(
            'There is not enough disk space for the signed copy in "{parent}" ({reason}); signing needs as '
            "much space again as the video, {size:.1f} MB. Free some space and make the video again.",
            parent=video.parent,
            reason=new.error.strerror,
            size=video.stat().st_size / 1e6,
        )
    if "(os error 28)" in str(error):  # the library's temporary files for large videos are there
        return SigningError(
            'There is not enough disk space for signing in "{folder}". Free some space and make the video '
            "again.",
            folder=tempfile.gettempdir(),
        )
    if (trouble := new.error or old.error) is not None:
        return SigningError(
            "The signed copy cannot be written ({reason}); make the video again.", reason=trouble.strerror
        )
    return error


def manifest(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest's claims. As in the metadata, names, paths and times are left out."""
    made = {
        "action": "c2pa.created",
        "digitalSourceType": SOURCE_TYPE,
        "softwareAgent": {"name": f"JoyStudio, engine {facts['engine']}"},
    }
    return {
        "claim_generator_info": [{"name": "JoyStudio"}],
        "title": TITLE,
        "format": "video/mp4",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [made]}},
            {"label": LABEL, "data": claims(facts)},
        ],
    }
