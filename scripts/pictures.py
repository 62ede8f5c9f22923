"""Draw the README's pictures anew, from the shipped weights: `python scripts/pictures.py`."""

from __future__ import annotations

from pathlib import Path

import tensho
from tensho.api.compose import compose_all
from tensho.api.draw_options import DrawOptions
from tensho.api.dream import draw_walk
from tensho.models import catalogue
from tensho.sheet import Sheet, save_picture

DOCS = Path(__file__).parent.parent / "docs"
NOVEL = ("⿰糸豚", "⿰言森", "⿰月猫", "⿱花火", "⿰火氷")
STYLES = ("hei", "sans-sc-thin", "sans-jp-black", "song", "kai", "pen", "rounded", "yusei-magic", "reggae")
FAMILIES = ("walkback", "walkback-unet", "vae", "gan", "ddpm", "ddpm-student", "brush")


def main() -> None:
    """Write them."""
    tensho.dream(16).save(DOCS / "dream.png")
    rows = [glyph for style in STYLES for glyph in compose_all(NOVEL, DrawOptions(style=style))]
    Sheet(tuple(rows)).save(DOCS / "styles.png", columns=len(NOVEL))
    at_hand = {weights.name for weights in catalogue.shipped()}
    rows = [glyph for name in FAMILIES if name in at_hand for glyph in tensho.dream(10, model=name, seed=1)]
    Sheet(tuple(rows)).save(DOCS / "families.png", columns=10)
    save_picture(draw_walk(DrawOptions(model="walkback")), DOCS / "walk.png")


if __name__ == "__main__":
    main()
