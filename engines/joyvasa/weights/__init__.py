"""JoyVASA's weight files: where they come from, what is in them, and the networks in memory."""
