#!/usr/bin/env bash
# An AAC encoder whose quick setting is nearer to a voice than its careful one.
#
# One would expect: FFmpeg's AAC encoder takes `aac_coder=twoloop` unless told otherwise, because it searches for the
# quantizers longer; `fast` is for those who lack time and accept more noise at the same bit rate.
# What happens: for one voice on one channel, at the bit rates of a talking head (3 bits a sample), `fast` leaves seven
# to ten decibels less error in as many bytes in all (single files differ by a tenth either way), in a quarter of the
# processor time. Recorded voices at 16 to 44.1 kHz gained 4 to 10 dB. With two channels it can be the other way around.
# Why it matters: the sound is a good part of the work of a talking head whose picture hardly moves, and it is the same
# sound that viewers and lip sync metrics judge. Measure with your own material before you trust a default.
# Seen with PyAV 18.1.0 (its wheel's FFmpeg) and voices of eSpeak NG from espeakng-loader 0.2.4, 2026-12-01.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy==1.26.4 espeakng-loader==0.2.4 > install.log
cat > coders.py <<'PYTHON'
import ctypes
import io
import sys
import time
from fractions import Fraction

import av
import espeakng_loader
import numpy as np

TEXTS = {
    "en": "Good morning. We have put the boxes behind the blue door, and now we are looking for the key.",
    "de": "Guten Morgen. Wir haben die Kisten hinter die blaue Tür gestellt, und niemand weiß warum.",
    "es": "Buenos días. Hemos puesto las cajas detrás de la puerta azul, y nadie sabe quién las movió.",
}
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(texts):
    """(rate, {language: float32 samples})."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
    heard = []

    @CALLBACK
    def take(samples, count, events):
        if samples and count:
            heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    library.espeak_SetSynthCallback(take)
    spoken = {}
    for language, text in texts.items():
        heard.clear()
        library.espeak_SetVoiceByName(language.encode())
        data = text.encode() + b"\0"
        library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 0, 0, 1, None, None)
        library.espeak_Synchronize()
        spoken[language] = np.concatenate(heard).astype(np.float32) / 32768
    return rate, spoken


def encoded(samples, rate, coder):
    """Processor seconds, bytes, and the ratio of signal to error in decibels after decoding."""
    file = io.BytesIO()
    output = av.open(file, "w", format="mp4")
    stream = output.add_stream("aac", rate=rate, layout="mono", options={"aac_coder": coder})
    stream.bit_rate = 3 * rate
    began = time.process_time()
    for start in range(0, len(samples), 1024):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
    seconds = time.process_time() - began
    output.close()
    size = file.tell()
    file.seek(0)
    with av.open(file) as reader:
        decoded = np.concatenate([frame.to_ndarray()[0] for frame in reader.decode(audio=0)])
    count = min(len(samples), len(decoded))
    error = decoded[:count] - samples[:count]
    return seconds, size, 10 * np.log10((samples[:count] ** 2).sum() / (error**2).sum())


rate, spoken = speak(TEXTS)
print(f"PyAV {av.__version__}, libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}, {rate} Hz")
same, sizes = True, np.zeros(2)
for language, samples in spoken.items():
    careful, quick = (encoded(samples, rate, coder) for coder in ("twoloop", "fast"))
    for coder, (seconds, size, ratio) in (("twoloop", careful), ("fast", quick)):
        print(f"{language} {coder:8} {1000 * seconds:4.0f} ms, {size} bytes, signal to error {ratio:.1f} dB")
    same &= quick[2] > careful[2] + 4
    sizes += careful[1], quick[1]
print(f"{sizes[1] / sizes[0]:.3f} times as many bytes in all")
same &= sizes[1] < 1.05 * sizes[0]
print("as described" if same else "CHANGED: see the comment at the top")
sys.exit(0 if same else 1)
PYTHON
venv/bin/python coders.py
