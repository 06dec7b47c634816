"""The denoising U-Net with fewer operations and the same numbers."""
