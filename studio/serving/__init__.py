"""Videos for many users on many GPUs: a deployment for Ray Serve."""
