"""ASCII art: text drawn in symbols in some style by the letterer, or exactly without one.

- `tensho.api.ascii` is `tensho.ascii`: it checks the text, chooses a style, and sets what is drawn.
- `tensho.ascii_art.styles` is where a style comes from, `tensho.ascii_art.reference` a style in a text file.
- `tensho.ascii_art.drawing` has the network draw letters in a style, `tensho.ascii_art.exact` needs none.
- `tensho.ascii_art.banner` sets letters side by side, wrapped between words; `tensho.ascii_art.figlet` sets text in a font of FIGlet.
- `tensho.ascii_art.comments` makes a banner a comment of a source file.
"""
