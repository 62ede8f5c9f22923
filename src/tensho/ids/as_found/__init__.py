"""Descriptions and tables of them as people have them."""
