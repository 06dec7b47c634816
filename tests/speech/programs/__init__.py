"""Programs that answer as `speech.espeak.program` must not."""
