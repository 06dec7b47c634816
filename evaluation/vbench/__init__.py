"""Subject, Background and Smooth, as VBench defines them."""
