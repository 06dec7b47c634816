"""IQA and VQA, by Q-Align."""
