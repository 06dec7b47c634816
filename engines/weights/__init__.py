"""What the neural engines share about weight files: which exist, how they are read, checked and generated."""
