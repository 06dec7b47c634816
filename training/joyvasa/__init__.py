"""Trains the motion generator."""
