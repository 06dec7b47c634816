"""Finished videos: their history, whose they are, and the links that share them."""
