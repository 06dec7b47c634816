"""Finds and recognises faces with ONNX models, for every engine that has the files."""
