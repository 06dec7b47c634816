"""The original JoyVASA's command: `python inference.py -r IMAGE -a AUDIO --animation_mode human`."""

from __future__ import annotations

import sys

from commands.inference import main

if __name__ == "__main__":
    sys.exit(main())
