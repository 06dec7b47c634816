"""The portrait's face: identity, masks, the crop, and the way back into the portrait."""
