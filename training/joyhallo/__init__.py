"""Trains the networks of the engine `joyhallo`."""
