#!/usr/bin/env bash
# MediaPipe's FaceDetection returns the same faces whatever confidence it is asked for.
#
# One would expect: `min_detection_confidence` is the lowest score of a returned face, as its documentation says. So
# 0.999 returns none of the faces that score 0.92, and 0.05 returns more doubtful ones than 0.5.
#
# What happens: both models return the face of 0.92 and 0.91 with 0.999, too, and nothing more with 0.05 than with
# 0.5. A graph that is built by hand around the same calculator, with `FaceDetectionOptions.min_score_thresh`, heeds
# the value: it returns nothing at 0.999.
#
# Why it matters for talking-head software: who lowers the value to find painted, covered or animal faces gets no more
# of them, and who raises it to refuse doubtful portraits refuses none.
# Seen with mediapipe 0.10.21, Linux x86-64, Python 3.11, 2026-11-29, on NASA's astronaut of scikit-image.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip="$folder/venv/bin/pip"
"$pip" install --quiet --disable-pip-version-check mediapipe==0.10.21 scikit-image==0.25.2 numpy==1.26.4
# The build of OpenCV without a desktop, so that it runs on servers; the same version.
"$pip" uninstall --quiet --yes opencv-contrib-python
"$pip" install --quiet --disable-pip-version-check --no-deps opencv-contrib-python-headless==4.11.0.86
cat > "$folder/thresholds.py" <<'PYTHON'
import sys

import mediapipe as mp
import numpy as np
import skimage
from mediapipe.framework import calculator_pb2
from mediapipe.modules.face_detection import face_detection_pb2
from mediapipe.python.solution_base import SolutionBase

picture = np.ascontiguousarray(skimage.data.astronaut()[..., :3])
THRESHOLDS = (0.05, 0.5, 0.999)


def scores(found):
    return [round(float(one.score[0]), 2) for one in found.detections or []]


def by_the_class(threshold, model):
    with mp.solutions.face_detection.FaceDetection(
        min_detection_confidence=threshold, model_selection=model
    ) as detector:
        return scores(detector.process(picture))


def by_hand(threshold):
    config = calculator_pb2.CalculatorGraphConfig()
    config.input_stream.append("IMAGE:image")
    config.output_stream.append("DETECTIONS:detections")
    node = config.node.add()
    node.calculator = "FaceDetectionShortRangeCpu"
    node.input_stream.append("IMAGE:image")
    node.output_stream.append("DETECTIONS:detections")
    node.node_options.add().Pack(face_detection_pb2.FaceDetectionOptions(min_score_thresh=threshold))
    with SolutionBase(graph_config=config, outputs=["detections"]) as graph:
        return scores(graph.process({"image": picture}))


short, full = ([by_the_class(one, model) for one in THRESHOLDS] for model in (0, 1))
own = [by_hand(one) for one in THRESHOLDS]
for name, found in (("FaceDetection, short range", short), ("FaceDetection, full range", full), ("a graph by hand", own)):
    print(f"{name}: " + "; ".join(f"{asked} gives {got}" for asked, got in zip(THRESHOLDS, found)))
print(f"mediapipe {mp.__version__}")
ignored = all(len(each[0]) == 1 and each[0] == each[1] == each[2] for each in (short, full))
sys.exit(0 if ignored and own[1] and not own[2] else 1)
PYTHON
"$folder/venv/bin/python" "$folder/thresholds.py" 2>/dev/null
