"""Moved to `tensho.ids.syntax`."""

from tensho.ids.syntax import ARITY, Arrangement, Tree, leaves, parse, to_string

__all__ = ["ARITY", "Arrangement", "Tree", "leaves", "parse", "to_string"]
