"""The portrait desk: turns, crops and reshapes a portrait, replaces its background, and judges it."""
