"""What the networks are given of a voice."""
