"""Dubs a video as LivePortrait animates one: each frame is a source of its own, whose lips are driven."""
