"""Measures the cost of preparing videos for JoyVASA per frame: following the face, cutting it out, the
network.

python -m benchmarks.prepare_motions [--device cuda] [--batches 1 8 32] [--rounds 5] [--json]

The network is the motion extractor at full size with random weights. Its time depends on how many pictures
it takes at once, and on what; beside it stands its share of the machine's own rate in a large matrix product.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import cycle

import numpy as np
import torch

from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.joyvasa_networks import faster, fastest, machine_rate, random_weights
from benchmarks.joyvasa_window import operations
from engines.joyvasa.networks.builders import Size

SIDE = 512
"""Pixels of a picture that is looked at; the cut-out square has as many."""


def figures(device: str, batches: list[int], rounds: int, size: Size = "full") -> Iterator[Figure]:
    """First the two steps that need no network, then the network at each batch."""
    yield from _looking(rounds)
    network = random_weights("motion_extractor", size).to(device)
    rates, took = [], dict.fromkeys(batches, float("inf"))
    single = torch.rand(1, 3, 256, 256, device=device)
    with torch.inference_mode():
        work = operations(lambda: network(single))
        for _ in range(rounds + 1):  # in turn, under the same conditions; the first warms up
            rates.append(machine_rate(torch.float32, device))
            for batch in batches:
                pixels = single.expand(batch, -1, -1, -1).contiguous()
                seconds = fastest(lambda pixels=pixels: network(pixels), 1, device)  # type: ignore[misc]
                took[batch] = min(took[batch], seconds / batch)
    own = faster(rates).product
    for batch, seconds in took.items():
        yield Figure(f"motion extractor on {device}, {batch} at once", 1e3 * seconds, "ms")
        yield Figure("  share of the machine's own matrix product", 100 * work / seconds / own, "%")


def _looking(rounds: int) -> Iterator[Figure]:
    from PIL import Image

    from media.faces.mediapipe_mesh import MediaPipeDetector
    from training.prepare.face_following import FaceFollower
    from training.prepare.motion_extraction import BoxView

    with Image.open(EXAMPLES / "portraits" / "astronaut.png") as image:
        picture = np.asarray(image.convert("RGB").resize((SIDE, SIDE)))
    pictures = cycle(np.roll(picture, shift, axis=1) for shift in (0, 1, 2, 1))
    follower = FaceFollower(MediaPipeDetector())
    follower.look(picture)
    seconds = fastest(lambda: follower.look(next(pictures)), 4 * rounds)
    yield Figure(f"following a face, {SIDE} pixels", 1e3 * seconds, "ms")
    cut = BoxView(follower.finish().box)
    yield Figure("cutting it out", 1e3 * fastest(lambda: cut(picture), 4 * rounds), "ms")


def main() -> int:
    """Print the figures."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--device", default="cpu", help="cpu or cuda")
    arguments.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32], metavar="N")
    arguments.add_argument("--rounds", type=int, default=5, metavar="N")
    given = arguments.parse_args()
    return report(figures(given.device, given.batches, given.rounds), as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
