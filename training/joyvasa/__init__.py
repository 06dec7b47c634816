"""Training of the motion generator."""
