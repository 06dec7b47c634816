#!/usr/bin/env bash
# MediaPipe's refined landmarks of a frozen picture never come to rest.
#
# One would expect: the same picture shown again and again gives the same landmarks, after a few pictures at most.
#
# What happens (mediapipe 0.10.21, 2026-11-28, NASA's astronaut of scikit-image at several sizes): in tracking mode
# each picture is looked at where the last landmarks were, so the answer feeds back into the question. With
# refine_landmarks=True this can end in a cycle and not in a point: after 40 times the same pixels, the points of
# some sizes still move by tenths of a pixel in every picture, of others by nothing. The mean of two answers
# in a row rests: it moves by a fraction of that.
#
# Why it matters for talking-head software: metrics of jitter, head motion and lips that are read from such
# landmarks have a floor that depends on the picture, larger than what they are to measure in a quiet video.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip="$folder/venv/bin/pip"
"$pip" install --quiet --disable-pip-version-check mediapipe==0.10.21 scikit-image==0.25.2 numpy==1.26.4
# The build of OpenCV without a desktop, so that it runs on servers; the same version.
"$pip" uninstall --quiet --yes opencv-contrib-python
"$pip" install --quiet --disable-pip-version-check --no-deps opencv-contrib-python-headless==4.11.0.86
cat > "$folder/measure.py" <<'PYTHON'
import sys

import cv2
import mediapipe as mp
import numpy as np
import skimage

whole = np.ascontiguousarray(skimage.data.astronaut()[..., :3])
REST, SHOWN = 40, 60
print("mediapipe", mp.__version__)
worst, mean_of_two = 0.0, 0.0
for side in (256, 288, 320, 352, 384, 448, 512):
    picture = cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA)
    answers = []
    with mp.solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True) as network:
        for _ in range(SHOWN):
            found = network.process(picture).multi_face_landmarks
            answers.append([(p.x * side, p.y * side) for p in found[0].landmark])
    points = np.array(answers)[REST:]
    moved = np.linalg.norm(np.diff(points, axis=0), axis=2).mean()
    paired = (points[1:] + points[:-1]) / 2
    rested = np.linalg.norm(np.diff(paired, axis=0), axis=2).mean()
    face = np.ptp(points[0][:, 1])
    print(f"{side} pixels, face {face:.0f}: after {REST} times the same picture the points still move by "
          f"{moved:.3f} pixels a picture; the mean of two by {rested:.3f}")
    if moved > worst:
        worst, mean_of_two = float(moved), float(rested)
sys.exit(0 if worst > 0.1 and mean_of_two < worst / 2 else 1)
PYTHON
"$folder/venv/bin/python" "$folder/measure.py" 2> "$folder/log" || { status=$?; cat "$folder/log" >&2; exit "$status"; }
