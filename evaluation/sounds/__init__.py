"""Files with the times of spoken sounds, as aligners write them."""
