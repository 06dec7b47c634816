"""Draws the network's curves under a recording, for a visual check that no figure replaces.

Run as ``python -m training.visemes.plot_predictions RECORDING.wav PICTURE.png [--start 0 --seconds 8]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from engines.preview.features import SAMPLE_RATE, mel_power
from engines.preview.mouth import CHANNELS, FRAME_RATE, VoiceToMouth


def draw(samples: np.ndarray, picture: Path, *, mouth: VoiceToMouth, start: float, seconds: float) -> None:
    """Write a PNG: spectrogram, waveform, opening and closure, then the other channels.

    samples: (n,) float32 at 16 kHz.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    first, last = int(start * FRAME_RATE), int(min(start + seconds, len(samples) / SAMPLE_RATE) * FRAME_RATE)
    curves = mouth.curves(samples, first, last)
    power = 10.0 * np.log10(mel_power(samples, first, last) + 1e-9)
    time = (np.arange(first, last) + 0.5) / FRAME_RATE
    part = samples[int(start * SAMPLE_RATE) : int((start + seconds) * SAMPLE_RATE)]
    figure, rows = pyplot.subplots(4, 1, figsize=(26, 14), sharex=True, constrained_layout=True)
    rows[0].imshow(power.T, aspect="auto", origin="lower", extent=(time[0], time[-1], 0, power.shape[1]))
    rows[1].plot(start + np.arange(len(part)) / SAMPLE_RATE, part, linewidth=0.4)
    rows[2].plot(time, curves[:, 0] * (1 - curves[:, 1]), label="jaw * (1 - closure)")
    for name, row in zip(CHANNELS, (2, 2, 3, 3, 3, 3), strict=True):
        rows[row].plot(time, curves[:, CHANNELS.index(name)], label=name)
    for row in rows[2:]:
        row.legend(loc="upper right")
        row.grid(True)
    rows[3].set_xticks(np.arange(np.floor(time[0]), time[-1], 0.25))
    figure.savefig(picture, dpi=60)
    pyplot.close(figure)


def main() -> None:
    """Read the command line and draw."""
    import soundfile
    import soxr

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--weights", type=Path, help="a network other than the one that ships")
    parser.add_argument("--start", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    sound, rate = soundfile.read(arguments.recording, dtype="float32", always_2d=True)
    samples = soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE)
    mouth = VoiceToMouth(arguments.weights) if arguments.weights else VoiceToMouth()
    draw(samples, arguments.picture, mouth=mouth, start=arguments.start, seconds=arguments.seconds)


if __name__ == "__main__":
    main()
