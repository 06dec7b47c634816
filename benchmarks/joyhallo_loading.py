"""`python -m benchmarks.joyhallo_loading`: how much memory loading JoyHallo's networks takes on the host.

Linux only: it asks the kernel for the process's largest size.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from engines.joyhallo import weights
from engines.joyhallo.checkpoints import load_part, open_net
from engines.joyhallo.networks import PARTS, build, document

PRECISIONS = {"file": None, "fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
"""file: as the file has it; its tensors stay mapped to it."""
GIB = 2**30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.joyhallo_loading", description=__doc__)
    parser.add_argument("--root", type=Path, help="folder of all weights")
    parser.add_argument("--precision", choices=PRECISIONS, default="bf16")
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    for part in PARTS:
        build(part, document("tiny"))  # so that the libraries are not counted
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forgets the largest size so far
    begun = time.monotonic()
    opened = open_net(weights.folder(given.root).require(weights.JOYHALLO_NET, "joyhallo"))
    networks = [load_part(opened, part, given.device, PRECISIONS[given.precision]) for part in PARTS]
    seconds = time.monotonic() - begun
    size = sum(value.nbytes for network in networks for value in network.state_dict().values())
    peak = memory("VmHWM")
    print(
        f"{given.precision} on {given.device}: weights {size / GIB:.2f} GiB, {seconds:.1f} s, "
        f"largest size {peak / GIB:.2f} GiB = {peak / size:.2f} times the weights', "
        f"{(peak - before) / size:.2f} times without the {before / GIB:.2f} GiB of Python and its libraries"
    )


def memory(entry: str) -> int:
    """Bytes of an entry of /proc/self/status."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{entry}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
