"""JoyHallo's networks, one module each, with the public checkpoints' keys."""
