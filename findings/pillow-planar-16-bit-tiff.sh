#!/usr/bin/env bash
# Pillow opens an uncompressed planar RGB TIFF of 16 bits without an error, and shows other colours.
#
# One would expect: the picture, as for the same file with its colours interleaved, or compressed; or a refusal.
# What happens: with PlanarConfiguration 2, 16 bits and no compression the bytes of each plane are taken for whole
# interleaved or 8-bit pixels: no exception, no warning, the right size, and values wrong by up to 250 of 255.
# The same planes with Deflate go through libtiff and are right within 1.
# Why it matters: scanners and astronomy tools write portraits like this. A talking head made from one has its
# colours and its face torn without a word; read TIFFs of more than 8 bits with tifffile.
# Seen with Pillow 11.3.0, tifffile 2026.3.3 (which writes the files), Linux x86-64, Python 3.11, 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pillow==11.3.0 tifffile==2026.3.3 numpy==1.26.4
cd "$folder"
cat > planar.py <<'PYTHON'
import sys

import numpy as np
import PIL
import tifffile
from PIL import Image

ramp = np.linspace(0, 65535, 96 * 64).reshape(64, 96)
rgb = np.stack([ramp, 65535 - ramp, np.full_like(ramp, 20000)], axis=-1).astype(np.uint16)
right = np.rint(rgb / 257).astype(int)
print("Pillow", PIL.__version__, "tifffile", tifffile.__version__)


def error(planes, compression):
    values = np.moveaxis(rgb, -1, 0) if planes == "separate" else rgb
    tifffile.imwrite("a.tif", values, photometric="rgb", planarconfig=planes, compression=compression)
    assert np.array_equal(tifffile.imread("a.tif"), values)
    with Image.open("a.tif") as image:
        worst = int(np.abs(np.asarray(image.convert("RGB")).astype(int) - right).max())
    print(planes, compression or "uncompressed", "largest error of 255:", worst)
    return worst


wrong = error("separate", None)
others = [error("contig", None), error("contig", "zlib"), error("separate", "zlib")]
good = wrong > 100 and max(others) <= 1
print("as described" if good else "CHANGED")
sys.exit(0 if good else 1)
PYTHON
venv/bin/python planar.py
