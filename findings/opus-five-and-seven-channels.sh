#!/usr/bin/env bash
# FFmpeg's libopus encoder swaps channels of 5.0 and 6.1: the voice of the centre comes out behind the listener.
#
# One would expect: a sound encoded to Opus keeps its channels where they were, as it does in 5.1 and 7.1.
# What happens: with the encoder's default `mapping_family` (-1) the file's FC channel carries BL, BL carries BR
# and BR carries FC (5.0); FC, BC, SL are rotated likewise in 6.1. 5.1 and 7.1 are right, because their
# permutation is its own inverse. The file is wrong, not the reading of it: libsndfile, which has libopus but
# no FFmpeg, hears the same. `mapping_family=1` is right for 5.0 (and leaves LFE to libopus, which low-passes it).
# Why it matters: dialogue stands in the centre. Software that listens to FC to move a mouth gets the left room
# microphone from such a WebM, and nothing in the file tells of it; encode dialogue as mono, stereo or 5.1.
# Seen with av 18.1.0 (FFmpeg 8.1.2 in the wheel), soundfile 0.13.1 (libsndfile 1.2.2), Linux x86-64,
# Python 3.11, 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q av==18.1.0 numpy==1.26.4 soundfile==0.13.1
cd "$folder"
cat > channels.py <<'PYTHON'
import sys
from fractions import Fraction

import av
import numpy as np
import soundfile
from av.audio.layout import AudioLayout

RATE = 48000
# RFC 7845, 5.1.1.2: the order of Opus files with mapping family 1, which libsndfile gives as it is.
RFC = {
    "5.0": ["FL", "FC", "FR", "BL", "BR"],
    "6.1": ["FL", "FC", "FR", "SL", "SR", "BC", "LFE"],
    "5.1": ["FL", "FC", "FR", "BL", "BR", "LFE"],
}
SWAPPED = {
    "5.0": {"FC": "BL", "BL": "BR", "BR": "FC"},
    "6.1": {"FC": "SL", "SL": "BC", "BC": "FC"},
    "5.1": {},
}


def write(path, layout, names, **options):
    """Each channel has a tone of its own: 200, 300, 400 Hz and so on; the LFE keeps 100."""
    time = np.arange(2 * RATE) / RATE
    pitch = {name: 100 if name == "LFE" else 200 + 100 * k for k, name in enumerate(names)}
    x = np.stack([0.3 * np.sin(2 * np.pi * pitch[name] * time) for name in names], axis=1).astype(np.float32)
    with av.open(path, "w") as file:
        stream = file.add_stream("libopus", rate=RATE, layout=layout, options=options)
        stream.bit_rate = 600_000
        frame = av.AudioFrame.from_ndarray(x.reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return pitch


def heard(samples, pitch):
    """Which channel's tone is the loudest in each column."""
    spectrum = np.abs(np.fft.rfft(samples[RATE // 2 : RATE // 2 + RATE], axis=0))
    return [min(pitch, key=lambda name: abs(pitch[name] - hz)) for hz in spectrum.argmax(axis=0)]


def by_ffmpeg(path):
    with av.open(path) as file:
        frames = list(file.decode(audio=0))
    names = [channel.name for channel in frames[0].layout.channels]
    return names, np.concatenate([frame.to_ndarray() for frame in frames], axis=1).reshape(len(names), -1).T


def carried(layout, **options):
    names = [channel.name for channel in AudioLayout(layout).channels]
    pitch = write("a.ogg", layout, names, **options)
    labels, samples = by_ffmpeg("a.ogg")
    ffmpeg = dict(zip(labels, heard(samples, pitch)))
    sndfile = dict(zip(RFC[layout], heard(soundfile.read("a.ogg")[0], pitch)))
    print(layout, options or "default", "by FFmpeg:", ffmpeg, "by libsndfile:", sndfile)
    return ffmpeg, sndfile


print("av", av.__version__, "FFmpeg", av.ffmpeg_version_info, "libsndfile", soundfile.__libsndfile_version__)
good = True
for layout, swapped in SWAPPED.items():
    right = {name: name for name in RFC[layout]}
    good &= all(found == right | swapped for found in carried(layout))
good &= all(found == {name: name for name in RFC["5.0"]} for found in carried("5.0", mapping_family="1"))
print("as described" if good else "CHANGED")
sys.exit(0 if good else 1)
PYTHON
venv/bin/python channels.py
