"""A character as it is written: animations, a numbered diagram, a sheet to practise on, and hanzi-writer's data."""
