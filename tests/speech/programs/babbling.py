"""Answers with invalid JSON."""

print("hm")
