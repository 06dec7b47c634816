#!/usr/bin/env bash
# An animated picture whose first video stream is a single frame, although both streams are marked as the default.
#
# One would expect: the first video stream of a file is its video, or at least the stream with the disposition
# "default" is the one to show; a file that Pillow wrote with six frames decodes to six.
# What happens: an AVIF of a sequence holds a primary still item beside the track of the sequence. FFmpeg lists both
# as AV1 video streams, the still first, and gives both the disposition "default". decode(video=0), as in most
# examples, returns one frame. `streams.best("video")` finds the sequence, and so does the count of frames.
# Why it matters: animated AVIF is offered wherever animated WebP is. A lip sync tool that takes stream 0 says that
# the video has one frame, or treats it as a portrait; one that counts streams believes in a second camera.
# Seen with Pillow 11.3.0 (libavif and an AV1 encoder in its wheel) and PyAV 18.1.0 (its wheel's FFmpeg), Linux
# x86-64, Python 3.11, 2026-12-01.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet av==18.1.0 pillow==11.3.0 > install.log
cat > streams.py <<'PYTHON'
import sys

import av
import PIL
from PIL import Image

COUNT = 6

print("Pillow", PIL.__version__, "PyAV", av.__version__)
pictures = [Image.new("RGB", (64, 64), (40 * i, 90, 200 - 30 * i)) for i in range(COUNT)]
pictures[0].save("moving.avif", save_all=True, append_images=pictures[1:], duration=100)
with Image.open("moving.avif") as image:
    in_pillow = image.n_frames
with av.open("moving.avif") as container:
    streams = [(one.index, one.frames, bool(one.disposition & 1)) for one in container.streams.video]
    best = container.streams.best("video").index
    first = sum(1 for _ in container.decode(video=0))
with av.open("moving.avif") as container:
    other = sum(1 for _ in container.decode(video=best))
print("frames in Pillow:", in_pillow)
for index, frames, default in streams:
    print(f"stream {index}: {frames} frames, default: {default}")
print("frames decoded from video=0:", first)
print(f"frames decoded from video={best}, the best:", other)
same = streams == [(0, 1, True), (1, COUNT, True)] and (in_pillow, first, best, other) == (COUNT, 1, 1, COUNT)
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(0 if same else 1)
PYTHON
venv/bin/python streams.py
