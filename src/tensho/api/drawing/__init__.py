"""How the verbs draw: from outlines of a face, or with a brush."""
