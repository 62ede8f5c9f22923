"""Which characters a font draws, and which it lacks of named lists."""
