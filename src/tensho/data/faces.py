"""Moved to `tensho.fonts.faces`."""

from tensho.fonts.faces import Face, default_faces, load_face

__all__ = ["Face", "default_faces", "load_face"]
