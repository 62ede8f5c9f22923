"""The reader: from the picture of a character to its description, and to a descriptor of its looks."""
