"""Prepares a voice for the networks."""
