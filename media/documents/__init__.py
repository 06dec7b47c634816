"""Reads untrusted documents: JSON, YAML, lists, archives, tensors, paths and single values.

Every reader here has limits on bytes, depth, length and number of values, and checks them before it builds
anything. It returns a value or raises `DocumentError`, whose message is short and printable; the caller names
the file and raises the error of its own field.
"""
