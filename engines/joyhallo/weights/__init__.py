"""JoyHallo's weight files: where they come from, what they contain, and the networks in memory."""
