"""The model families: what they have in common, each family, and the registry that joins it with its data."""
