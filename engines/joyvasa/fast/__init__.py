"""Rendering and sampling with fewer operations and the same numbers."""
