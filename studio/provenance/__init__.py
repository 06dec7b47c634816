"""How a video says that it is AI generated, and how others check it."""
