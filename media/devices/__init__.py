"""This computer's microphone, speaker, windows and virtual cameras, through optional packages."""
