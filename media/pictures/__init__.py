"""Reads image formats: bits, colours, layouts, and truncated files."""
