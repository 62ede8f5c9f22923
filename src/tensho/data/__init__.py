"""Where data comes in: faces and images, the glyph set and its split, descriptions, drafts and meanings."""
