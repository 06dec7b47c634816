"""Training the networks of the engine `joyhallo`."""
