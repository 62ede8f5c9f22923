"""Descriptions of characters: Ideographic Description Sequences, and how characters are taken apart."""
