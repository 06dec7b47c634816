"""A video of a person gets new lips: its frames, the faces followed through them, and the file of the dub."""
