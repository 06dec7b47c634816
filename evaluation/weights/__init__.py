"""The weight files of the metrics: which exist, how they are opened, checked and generated."""
