"""The files of Kokoro: where they come from, and random ones for tests."""
