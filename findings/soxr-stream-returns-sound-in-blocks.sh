#!/usr/bin/env bash
# A streaming resampler that holds back up to a tenth of a second, and more for the telephone than for studio sound.
#
# One would expect: after its filter's delay (6 ms for 48000 to 16000 Hz at HQ), `soxr.ResampleStream` returns for each
# chunk of 20 ms about 20 ms of sound.
# What happens: some chunks return nothing and later ones return much at once, because the library works in blocks of a
# fixed number of samples. What it holds back swings between 6 and 36 ms at 48000 Hz and between 12 and 115 ms at 8000 Hz:
# the fewer samples a second has, the longer a block lasts. QQ, a polynomial without a band limit, holds nothing back; LQ is
# better than HQ at most rates, but not without swings.
# Why it matters: a live talking head resamples the microphone for its network. 115 ms is more than the whole look-ahead
# that good lips need, it comes on top of it, and it differs from chunk to chunk, so a delay measured at the first chunk
# says nothing about the next.
# Seen with soxr 1.1.0, numpy 1.26.4, Linux x86-64, Python 3.11, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q soxr==1.1.0 numpy==1.26.4
cat > "$folder/holding.py" <<'PYTHON'
import sys

import numpy as np
import soxr

TARGET, CHUNKS, SETTLED = 16000, 300, 100


def held_back(rate, quality):
    """The least and the most sound, in ms, that the stream holds after a chunk of 20 ms."""
    stream = soxr.ResampleStream(rate, TARGET, 1, dtype="float32", quality=quality)
    noise, size, returned, held = np.random.default_rng(0), rate // 50, 0, []
    for number in range(1, CHUNKS + 1):
        chunk = 0.1 * noise.standard_normal(size).astype(np.float32)
        returned += len(stream.resample_chunk(chunk))
        held.append(1000 * (number * size / rate - returned / TARGET))
    return min(held[SETTLED:]), max(held[SETTLED:])


print("soxr", soxr.__version__, "numpy", np.__version__)
seen = {}
for rate in (8000, 24000, 44100, 48000):
    for quality in ("QQ", "LQ", "HQ"):
        least, most = seen[rate, quality] = held_back(rate, quality)
        print(f"{rate:>6} -> {TARGET} Hz, {quality}: holds {least:5.1f} to {most:5.1f} ms after a chunk of 20 ms")
same = (
    seen[8000, "HQ"][1] > 100
    and seen[8000, "HQ"][0] < 20
    and 30 < seen[48000, "HQ"][1] < 60
    and seen[48000, "HQ"][0] < 10
    and all(seen[rate, "QQ"][1] < 1 for rate in (8000, 24000, 44100, 48000))
)
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(not same)
PYTHON
"$folder/venv/bin/python" "$folder/holding.py"
