"""The built-in metrics of frames and sound, a file each, which offers its class as METRIC."""
