"""Moved to `tensho.ids.decomposition`."""

from tensho.ids.decomposition import decompose, decompositions, expand, slotted, vocabulary

__all__ = ["decompose", "decompositions", "expand", "slotted", "vocabulary"]
