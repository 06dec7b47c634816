"""Finished videos: their history, their owners, and the links that share them."""
