"""Speaks texts: turns a typed text into the voice of a job."""
