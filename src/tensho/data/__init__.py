"""Old names of modules that moved, for the outlines until they follow; see `tensho.ids` and `tensho.fonts`."""
