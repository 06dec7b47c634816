#!/usr/bin/env bash
# A background that never changes still jumps at every key frame of an x264 video.
#
# One would expect: a picture whose background is bit-identical in every frame decodes to a background that is
# the same in every frame, or nearly so, because the encoder has nothing new to say about it.
#
# What happens (libx264 in PyAV 18.1.0's wheel, 2026-11-28): with the usual rate control (crf 20, preset
# veryfast) each key frame chooses other quantizers than the one before, so all of the background steps by more
# than a level of luma in one frame, some thirty times the step of any other frame. A viewer sees the picture
# pump. A video of 101 frames with a key frame every 100 ends on a lone key frame whose grain is gone.
# With constant quantizers (qp) the background above and to the left of what moves comes back bit-identical at
# every key frame. To the right and below it still changes: intra prediction starts from blocks that moved and
# hands the difference on, block by block, to the end of the slice. More slices stop it at the next band.
#
# Why it matters for talking-head software: most of the picture is such a background, key frames come every few
# seconds, and metrics that are taken before encoding see none of it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check av==18.1.0 numpy==2.3.5
cat > "$folder/measure.py" <<'PYTHON'
import io
import sys
from fractions import Fraction

import av
import numpy as np

SIDE, FRAMES, KEY = 256, 251, 100
rng = np.random.default_rng(1)
coarse = rng.uniform(60, 190, (8, 8))
ground = np.kron(coarse, np.ones((32, 32)))
for _ in range(40):  # soft shapes, as behind a portrait
    ground = (ground + np.roll(ground, 1, 0) + np.roll(ground, -1, 0) + np.roll(ground, 1, 1) + np.roll(ground, -1, 1)) / 5
ground = np.clip(ground + rng.normal(0, 4, ground.shape), 16, 235).astype(np.uint8)
face = np.clip(rng.normal(140, 20, (64, 64)), 16, 235).astype(np.uint8)


def frame(number):
    """A textured square that sways in the middle; all else is the same in every frame."""
    luma = ground.copy()
    x, y = 96 + round(6 * np.sin(number / 5)), 96 + round(4 * np.sin(number / 3))
    luma[y : y + 64, x : x + 64] = face
    planes = np.concatenate([luma, np.full((SIDE // 2, SIDE), 128, np.uint8)])
    made = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    made.pts, made.time_base = number, Fraction(1, 25)
    return made


def decoded(options):
    """Luma of every decoded frame, (FRAMES, SIDE, SIDE)."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width = stream.height = SIDE
        stream.pix_fmt, stream.options, stream.gop_size = "yuv420p", {"preset": "veryfast"} | options, KEY
        stream.thread_type = "FRAME"  # PyAV's default makes slices for threads, and slices=8 is ignored
        for number in range(FRAMES):
            out.mux(stream.encode(frame(number)))
        out.mux(stream.encode(None))
    size = file.tell()
    file.seek(0)
    with av.open(file) as video:
        return size, np.stack([f.to_ndarray()[:SIDE].astype(np.float32) for f in video.decode(video=0)])


print("PyAV", av.__version__, "libavcodec", ".".join(map(str, av.library_versions["libavcodec"])))
right = True
for name, options in (
    ("crf 20", {"crf": "20"}),
    ("qp 23", {"qp": "23"}),
    ("qp 23, 8 slices", {"qp": "23", "x264-params": "slices=8"}),
):
    size, luma = decoded(options)
    steps = np.abs(np.diff(luma, axis=0))
    at = [KEY - 1, 2 * KEY - 1]  # the steps onto the two later key frames
    above = steps[at, :64].mean(axis=(1, 2))
    beside = steps[at, 112:144, 192:].mean(axis=(1, 2))
    below = steps[at, 208:].mean(axis=(1, 2))
    others = np.delete(steps, at, axis=0)[:, :64].mean(axis=(1, 2)).max()
    print(f"{name:16} {size:7} bytes; step at key frames: above the face {above.max():.3f}, to its right "
          f"{beside.max():.3f}, below {below.max():.3f}; largest other step above {others:.3f}")
    if name == "crf 20":
        right &= bool(above.max() > 0.5 and above.max() > 10 * others)
    else:
        right &= bool(above.max() == 0 and beside.max() > 0.1)
        right &= bool((below.max() > 0.1) == (name == "qp 23"))
sys.exit(0 if right else 1)
PYTHON
"$folder/venv/bin/python" "$folder/measure.py"
