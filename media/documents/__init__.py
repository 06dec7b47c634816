"""Reads untrusted documents: JSON, YAML, lists, archives, tensors, paths and single values.

Every reader here has bounds on bytes, depth, length and number of values, and checks them before it builds
anything. It gives a value or raises `DocumentError`, whose message is short and printable; the caller
says which file it was, and raises the error of its own field.
"""
