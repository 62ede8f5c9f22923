"""Letters drawn in ASCII symbols: FIGlet fonts, synthetic ones, and the groups that the letterer is trained on."""
