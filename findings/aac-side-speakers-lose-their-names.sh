#!/usr/bin/env bash
# The dialogue channel of a film has no name any more once FFmpeg has made AAC of its AC-3.
#
# One would expect: a layout that FFmpeg's AAC encoder accepts is the layout that its decoder gives back, so the
# centre channel, where films have their dialogue, is found by its name FC.
# What happens: AC-3 with six channels decodes as 5.1(side). FFmpeg's AAC encoder takes that layout as it is and
# writes a program config element for it, in place of the channel configuration of 5.1. The decoder gives six
# channels that are all called NONE, in a layout called "6 channels"; their order is kept. The same holds for
# quad(side), 3.1 and 5.0(side). 5.1, with speakers at the back, comes back with its names.
# Why it matters: software that listens for a voice in FC, or mixes by position, treats such a sound track as six
# unknown channels: the voice sinks below music and rooms. Fall back on the usual order by the number of channels.
# Seen with av 18.1.0 (FFmpeg inside the wheel), Linux x86-64, Python 3.11, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q av==18.1.0 numpy==1.26.4
cd "$folder"
cat > film.py <<'PYTHON'
import sys
from fractions import Fraction

import av
import numpy as np

RATE = 48000
time = np.arange(2 * RATE) / RATE


def write(path, codec, layout):
    count = av.AudioLayout(layout).nb_channels
    tones = np.stack([0.2 * np.sin(2 * np.pi * (200 + 100 * i) * time) for i in range(count)])
    with av.open(path, "w") as out:
        stream = out.add_stream(codec, rate=RATE, layout=layout)
        frame = av.AudioFrame.from_ndarray(
            tones.T.reshape(1, -1).astype(np.float32), format="flt", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def read(path):
    """The layout, its channels' names, and the tone of each channel."""
    with av.open(path) as file:
        frames = list(file.decode(audio=0))[10:40]
    layout = frames[0].layout
    sound = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    peaks = np.abs(np.fft.rfft(sound)).argmax(axis=1) * RATE / sound.shape[1]
    return layout.name, [channel.name for channel in layout.channels], [round(p / 100 - 2) for p in peaks]


write("film.mkv", "ac3", "5.1(side)")
film = read("film.mkv")
print("av", av.__version__, av.library_versions["libavcodec"])
print("AC-3            :", *film)
expected = film[0] == "5.1(side)" and film[1][2] == "FC"
for layout in ("5.1(side)", "quad(side)", "5.0(side)", "5.1"):
    write("again.m4a", "aac", layout)
    name, names, tones = read("again.m4a")
    print(f"AAC {layout:<12}:", name, names, tones)
    in_order = tones[:3] == [0, 1, 2]  # an LFE channel loses its high tone, and the order at the back may vary
    lost = set(names) == {"NONE"}
    expected = expected and in_order and lost == (layout != "5.1")
sys.exit(0 if expected else 1)
PYTHON
"$folder/venv/bin/python" film.py
