"""Answers, and never ends."""

import sys
import threading

sys.stdin.read()
print("{}", flush=True)
threading.Event().wait()
