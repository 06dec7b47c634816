"""JoyVASA in a live session: overlapping windows over a voice that is still arriving."""
