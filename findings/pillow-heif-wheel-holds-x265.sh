#!/usr/bin/env bash
# The package that opens iPhone photographs says BSD, and its wheel holds a GPL encoder.
#
# One would expect: pillow-heif, whose metadata names BSD-3-Clause as its licence and no other, can be a
# requirement of any application, as Pillow can.
# What happens: its Linux wheel holds libx265, under GPL-2, beside libheif and libde265 (LGPL-3): only a text
# file inside the wheel says so, and the encoder is loaded with the module, also where images are only read.
# pi-heif is the same reader from the same authors without the encoder: it reads what pillow-heif wrote, and its
# classifiers name the LGPL. A reader of photographs needs pi-heif; pillow-heif belongs to tests.
# Why it matters: talking-head software opens portraits from telephones, and people ship it in images and
# installers. A check of licences that reads metadata lets x265 pass.
# Seen with pillow-heif 1.8.1 and pi-heif 1.4.0, Pillow 11.3.0, Linux x86-64, Python 3.11, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pillow-heif==1.8.1 pi-heif==1.4.0 pillow==11.3.0
cd "$folder"
cat > licences.py <<'PYTHON'
import io
import sys
from importlib import metadata

import pi_heif
import pillow_heif
from PIL import Image

gpl = {}
for name, module in (("pillow-heif", pillow_heif), ("pi-heif", pi_heif)):
    about = metadata.metadata(name)
    classifiers = [text for text in about.get_all("Classifier", []) if text.startswith("License")]
    libraries = sorted(path.name.split("-")[0] for path in metadata.files(name) if ".libs" in str(path))
    encoders = sorted(module.libheif_info()["encoders"])
    print(f"{name} {metadata.version(name)}: licence {about['License']!r}, classifiers {classifiers}")
    print("  libraries in the wheel:", libraries, " encoders:", encoders)
    gpl[name] = ("libx265" in libraries, "x265" in encoders, any("GPL" in text for text in classifiers))

pillow_heif.register_heif_opener()
stream = io.BytesIO()
Image.new("RGB", (96, 64), (200, 40, 30)).save(stream, "HEIF", quality=95)
with pi_heif.HeifImageFile(stream) as image:
    pixel = image.convert("RGB").getpixel((48, 32))
print("pi-heif reads what pillow-heif wrote:", image.size, pixel)
same = image.size == (96, 64) and max(abs(a - b) for a, b in zip(pixel, (200, 40, 30))) < 4
expected = {"pillow-heif": (True, True, False), "pi-heif": (False, False, True)}
sys.exit(0 if gpl == expected and same else 1)
PYTHON
"$folder/venv/bin/python" licences.py
