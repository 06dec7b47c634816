"""Answers with what is no JSON."""

print("hm")
