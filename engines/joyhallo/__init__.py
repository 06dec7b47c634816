"""The engine `joyhallo`: portrait diffusion for Mandarin speech, on the public JoyHallo checkpoints."""
