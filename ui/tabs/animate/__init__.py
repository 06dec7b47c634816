"""An engine's tab."""
