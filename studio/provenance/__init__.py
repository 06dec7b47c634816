"""How a video states that it is AI-generated, and how others check it."""
