"""The engine `joyvasa`: diffusion turns a voice into motion, and warping turns motion and one portrait into
frames.
"""
