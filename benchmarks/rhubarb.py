"""Mouth cues by Rhubarb Lip Sync, from its port to WebAssembly, to be compared with ours.

The port comes from npm and is not installed with this project: in any folder, run
`npm install rhubarb-lip-sync-wasm@0.1.8` with Node 20, and give that folder. It recognises English with
PocketSphinx; the recogniser `phonetic`, which Rhubarb Lip Sync has for other languages, cannot be chosen.
"""

from __future__ import annotations

import json
import resource
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from media.performance.visemes import FROM_RHUBARB, VisemeCue

PACKAGE = "rhubarb-lip-sync-wasm"
VERSION = "0.1.8"
_SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
import { Rhubarb } from "rhubarb-lip-sync-wasm";
const dialogText = process.env.DIALOG;
const found = await Rhubarb.getLipSync(readFileSync(process.env.VOICE), { dialogText });
writeFileSync(process.env.CUES, JSON.stringify(found.mouthCues));
process.exit(0);
"""


def installed(folder: Path) -> bool:
    """Whether the port is in a folder."""
    return (folder / "node_modules" / PACKAGE / "package.json").is_file()


def rhubarb_cues(folder: Path, sound: np.ndarray, text: str = "") -> tuple[list[VisemeCue], float]:
    """The cues of a sound, and the seconds of processor time that they took.

    folder: where the port is. sound: (n,) float32 at 16 kHz. text: what is said, if it is known. Cues are as
    the port gives them: some overlap. Raises CalledProcessError.
    """
    with tempfile.TemporaryDirectory() as work:
        voice, cues = Path(work) / "voice.pcm", Path(work) / "cues.json"
        voice.write_bytes(np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            ["node", "--input-type=module", "--eval", _SCRIPT],
            cwd=folder,
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "VOICE": str(voice),
                "CUES": str(cues),
                "DIALOG": text,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = json.loads(cues.read_text(encoding="utf-8"))
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [VisemeCue(cue["start"], cue["end"], FROM_RHUBARB[cue["value"]]) for cue in found], spent
