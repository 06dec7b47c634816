"""Thousands of videos from one list, in this process, on many cores or on many machines."""
