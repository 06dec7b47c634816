"""Hugging Face Spaces and their GPUs."""
