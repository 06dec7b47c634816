"""Edits of finished videos: other shapes and file types, subtitles, joining, side by side."""
