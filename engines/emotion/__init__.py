"""Emotions as an option of an engine: their names, the words people type, and the blend shapes they move."""
