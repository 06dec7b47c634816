"""`python -m benchmarks.joyhallo_loading`: measures how much host memory loading JoyHallo's networks takes.

Linux only: it asks the kernel for the process's largest size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import torch

from benchmarks.figures import ROOT
from engines.joyhallo.networks.builders import PARTS, build, document
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.checkpoints import load_part, open_net

PRECISIONS = {"file": None, "fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
"""file: the file's own; its tensors stay mapped to it."""
GIB = 2**30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.joyhallo_loading", description=__doc__)
    parser.add_argument("--root", type=Path, help="folder of all weights")
    parser.add_argument("--precision", choices=PRECISIONS, default="bf16")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a sentence")
    given = parser.parse_args()
    found = measured(given.root, given.precision, given.device)
    if given.json:
        print(json.dumps(found))
        return
    size, peak, before = (found[name] for name in ("size", "peak", "before"))
    print(
        f"{given.precision} on {given.device}: weights {size / GIB:.2f} GiB, {found['seconds']:.1f} s, "
        f"largest size {peak / GIB:.2f} GiB = {peak / size:.2f} times the weights', "
        f"{(peak - before) / size:.2f} times without the {before / GIB:.2f} GiB of Python and its libraries"
    )


def measured(root: Path | None, precision: str, device: str) -> dict[str, float]:
    """Load the five networks: seconds, and bytes: their size, the process's before, its largest."""
    for part in PARTS:
        build(part, document("tiny"))  # so that the libraries are not counted
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forgets the largest size so far
    begun = time.monotonic()
    opened = open_net(weights.folder(root).require(weights.JOYHALLO_NET, "joyhallo"))
    networks = [load_part(opened, part, device, PRECISIONS[precision]) for part in PARTS]
    seconds = time.monotonic() - begun
    size = sum(value.nbytes for network in networks for value in network.state_dict().values())
    return {"seconds": seconds, "size": size, "before": before, "peak": memory("VmHWM")}


def in_new_process(root: Path, precision: str) -> dict[str, float]:
    """The result of `measured` on the CPU, with nothing else in memory. Raises CalledProcessError."""
    arguments = ["--root", str(root), "--precision", precision, "--json"]
    command = [sys.executable, "-m", "benchmarks.joyhallo_loading", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def memory(entry: str) -> int:
    """Bytes of an entry of /proc/self/status."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{entry}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
