"""One portrait and voice in several ways, side by side, with scores."""
