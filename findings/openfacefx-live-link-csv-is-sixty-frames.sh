#!/usr/bin/env bash
# A recording of a face that plays faster than it was recorded, or is refused because one frame in it is empty.
#
# One would expect: a reader of Live Link Face's CSV finds the frame rate in the timecodes, because their last number starts
# again with every second, and passes over frames that the app dropped, which have a BlendShapeCount of 0 and no values.
# What happens: `openfacefx.importers_csv.read_csv` counts every timecode at 60 frames per second unless told otherwise, so
# three seconds at 25 frames per second become 2.4, and at 30 frames per second 2.48, without a warning. The seconds still
# advance, so only the frames within each second are squeezed: motion runs at more than double speed, then halts until the
# next second. One dropped frame, or a recording over midnight, refuses the whole file. Angles of the head below 0 become 0,
# with a warning; those above 0 are taken for a blend shape, without one.
# Why it matters: who tests an exporter against this reader at 60 frames per second sees none of it, and who reads real
# recordings needs `fps=`, which the file does not contain, but shows.
# Seen with openfacefx 0.24.0, numpy 1.26.4, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q openfacefx==0.24.0 numpy==1.26.4
cat > "$folder/reading.py" <<'PYTHON'
import sys
from pathlib import Path

from openfacefx.edits import sample
from openfacefx.importers_csv import read_csv

HEADER = "Timecode,BlendShapeCount,JawOpen,MouthClose,HeadYaw\n"
FOLDER = Path(sys.argv[1])


def read(rows, **options):
    path = FOLDER / "take.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return read_csv(str(path), **options)


def refusal(rows):
    try:
        read(rows)
    except ValueError as error:
        return str(error)
    return ""


def take(rate, seconds=3):
    """A jaw that opens steadily in every second, and a head that turns from -0.3 to 0.3 rad."""
    for frame in range(rate * seconds):
        part = frame % rate / rate
        yaw = -0.3 + 0.6 * frame / (rate * seconds)
        yield f"00:00:{frame // rate:02}:{frame % rate:02}.000,61,{part:.4f},0,{yaw:.4f}"


track, warnings = read(take(25))
jaw = next(channel for channel in track.channels if channel.name == "JawOpen")
half = float(sample(jaw, [0.2])[0])
print(f"3 s at 25 frames per second last {track.duration:.2f} s; after 0.2 s the jaw is open by {half:.2f}, not 0.20")
print("warnings:", warnings)
given, _ = read(take(25), fps=25)
print(f"with fps=25: {given.duration:.2f} s")
dropped = refusal(["00:00:00:00.000,61,0.5,0,0", "00:00:00:01.000,0", "00:00:00:02.000,61,0.4,0,0"])
midnight = refusal(["23:59:59:59.000,61,0.5,0,0", "00:00:00:00.000,61,0.4,0,0"])
print("a dropped frame:", dropped or "read")
print("over midnight:", midnight or "read")
yaw = next(channel for channel in track.channels if channel.name == "HeadYaw")
same = (
    abs(track.duration - 2.4) < 0.02
    and half > 0.4
    and not any("fps" in text or "rate" in text for text in warnings)
    and abs(given.duration - 2.96) < 0.02
    and "fields" in dropped
    and "non-decreasing" in midnight
    and float(sample(yaw, [0.0])[0]) == 0.0
)
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(not same)
PYTHON
"$folder/venv/bin/python" "$folder/reading.py" "$folder"
