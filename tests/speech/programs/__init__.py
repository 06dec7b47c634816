"""Programs that misbehave in place of `speech.espeak.program`."""
