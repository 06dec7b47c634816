"""The speech engine that ships: espeak-ng, which runs as a program of its own."""
