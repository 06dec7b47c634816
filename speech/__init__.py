"""Speaks texts: turns what someone typed into the voice of a job."""
