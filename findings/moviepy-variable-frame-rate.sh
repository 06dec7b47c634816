#!/usr/bin/env bash
# MoviePy plays a phone's video too slowly: its frames run away from its sound by a second in six, without a warning.
#
# One would expect: a video that is read with VideoFileClip and written again shows each frame when the file says
# so, or at least that picture and sound stay together, as they do when FFmpeg alone converts the file.
# What happens: phones and screen recorders drop frames, so the average rate of their files lies below the nominal
# one. MoviePy (2.2.1) counts frames by the average ("25.71 fps" in FFmpeg's words), but FFmpeg's image2pipe, from
# which it reads them, repeats frames up to the nominal rate ("30 tbr"). Frame n of the pipe belongs to n / 30 s and
# is shown at n / 25.71 s. The sound keeps its time, and the last 14 % of the frames are never shown: the clip's
# duration is right, so nothing looks wrong in any number. `fps_source="tbr"` is right for this file.
# Why it matters: lips. A talking head is out of sync after the first second (ITU-R BT.1359: 45 ms are noticed), and
# training clips that are cut with MoviePy from such files teach a network that mouths lag behind their sound.
# Read the frames with their timestamps (PyAV, or FFmpeg with `-fps_mode cfr -r RATE`) and give MoviePy those.
# Seen with moviepy 2.2.1, imageio-ffmpeg 0.8.1 (FFmpeg 9.0.2 in the wheel), av 18.1.0, Linux x86-64, Python 3.11,
# 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q moviepy==2.2.1 imageio-ffmpeg==0.8.1 pillow==11.3.0 numpy==1.26.4 av==18.1.0
cd "$folder"
cat > rate.py <<'PYTHON'
import sys
from fractions import Fraction

import av
import imageio_ffmpeg
import numpy as np
from moviepy import VideoFileClip

SECONDS, RATE, SOUND = 20, 30, 48000


def film(path, times):
    """Bright in every second second of the file's own clock, with a click at each whole second."""
    with av.open(path, "w") as file:
        video = file.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        video.codec_context.time_base = Fraction(1, 90000)
        audio = file.add_stream("aac", rate=SOUND, layout="mono")
        for time in times:
            level = 255 if int(time + 1e-6) % 2 else 0
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), level, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(time * 90000), Fraction(1, 90000)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        t = np.arange(SECONDS * SOUND) / SOUND
        x = (0.5 * np.sin(2 * np.pi * 440 * t) * ((t >= 1) & (t % 1 < 0.05))).astype(np.float32)
        for at in range(0, len(x) - 1024, 1024):
            piece = av.AudioFrame.from_ndarray(x[None, at : at + 1024].copy(), format="fltp", layout="mono")
            piece.sample_rate, piece.pts, piece.time_base = SOUND, at, Fraction(1, SOUND)
            file.mux(audio.encode(piece))
        file.mux(audio.encode(None))


def seconds_seen(path):
    """When the picture changes, on the file's clock; in the original that is at every whole second."""
    with av.open(path) as file:
        seen = [(float(frame.time), frame.to_ndarray(format="gray").mean() > 128) for frame in file.decode(video=0)]
    return [now for (_, before), (now, after) in zip(seen, seen[1:]) if before != after]


def seconds_heard(path):
    with av.open(path) as file:
        frames = list(file.decode(audio=0))
        x = np.abs(np.concatenate([frame.to_ndarray()[0] for frame in frames]))
        rate = frames[0].sample_rate
    loud = np.flatnonzero(x > 0.2)
    return [i / rate for i in loud[np.r_[True, np.diff(loud) > rate / 2]]]


def rewritten(path, **options):
    with VideoFileClip(path, **options) as clip:
        clip.write_videofile("out.mp4", audio_codec="aac", logger=None)
        print(f"  MoviePy says: {clip.fps:.2f} frames/s, {clip.duration:.2f} s")
    seen, heard = seconds_seen("out.mp4"), seconds_heard("out.mp4")
    drift = seen[9] - heard[9]
    print(f"  second 10 is seen at {seen[9]:.2f} s and heard at {heard[9]:.2f} s; {len(seen)} of 19 changes are seen")
    return drift


steady = np.arange(SECONDS * RATE) / RATE
kept = np.random.default_rng(1).random(len(steady)) > 0.15
kept[[0, -1]] = True
film("steady.mp4", steady)
film("phone.mp4", steady[kept])
original = seconds_seen("phone.mp4")
print("FFmpeg", imageio_ffmpeg.get_ffmpeg_version(), "- phone.mp4 itself: second 10 is seen at", round(original[9], 2))
print("steady.mp4, 30 frames/s:")
good = abs(rewritten("steady.mp4")) < 0.1
print("phone.mp4, 15 % of its frames dropped:")
drift = rewritten("phone.mp4")
print('phone.mp4, fps_source="tbr":')
good &= abs(rewritten("phone.mp4", fps_source="tbr")) < 0.1
good &= drift > 1.0 and abs(original[9] - 10) < 0.1
print(f"after 10 s the lips are {drift:.2f} s late" if drift > 0 else "no drift")
print("as described" if good else "CHANGED")
sys.exit(0 if good else 1)
PYTHON
venv/bin/python rate.py
