"""Ends with an error."""

import sys

sys.exit(3)
