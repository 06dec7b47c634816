"""The built-in speech engine: espeak-ng, which runs as a separate program."""
