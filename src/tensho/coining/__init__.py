"""Coining characters as history did: a part for the meaning beside a part for the sound."""
