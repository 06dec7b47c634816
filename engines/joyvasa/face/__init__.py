"""The portrait's face: landmarks, the crop, and the way back into the portrait."""
