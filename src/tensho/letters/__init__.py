"""Lettering: text as ASCII art in a style, by the letterer, or exactly as its letters are.

- `tensho.letters.art` is `tensho.ascii`: it checks the text, chooses a style, and sets what is drawn.
- `tensho.letters.styles` is where a style comes from, `tensho.letters.reference` a style in a text file.
- `tensho.letters.drawing` has the network draw letters in a style, `tensho.letters.exact` needs none.
- `tensho.letters.banner` sets letters side by side, wrapped between words.
"""
