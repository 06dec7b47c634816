"""The denoising of a video, clip by clip."""
