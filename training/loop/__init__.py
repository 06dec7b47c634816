"""The loop that every training runs in: steps, checkpoints, resuming, logs and export.

A kind of training is a `Recipe` (networks, samples, loss, export) and a subclass of `LoopOptions`.
"""
