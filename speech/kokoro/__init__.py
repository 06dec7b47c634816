"""The speech engine Kokoro: a network with natural voices in English and Mandarin."""
