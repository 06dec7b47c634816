"""Finding and recognising faces by ONNX models, for every engine that has files for it."""
