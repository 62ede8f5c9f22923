"""The glyph set and drafts that the shipped brush is trained on: the six default faces and others, each a named style.

    python benchmarks/many_faces.py --out /data/many-64 wenkai=LXGWWenKai-Regular.ttf reggae=ReggaeOne-Regular.ttf …
    tensho train brush --data /data/many-64

Only characters that can be taken apart are drawn. The drafts go to the folder's name with "-drafts" behind it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tensho.data.building import build
from tensho.data.decomposition import decompositions
from tensho.data.drafted import DraftedGlyphs, build_drafts
from tensho.data.faces import default_faces, load_face


def main() -> None:
    """Build both sets and print what is in them."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument(
        "faces", nargs="*", metavar="NAME=FILE", help="FILE#1 is a collection's second face"
    )
    arguments.add_argument("--out", type=Path, required=True, help="folder of the glyph set")
    arguments.add_argument("--size", type=int, default=64, help="side of a glyph, in pixels")
    options = arguments.parse_args()
    named = [given.partition("=") for given in options.faces]
    faces = [*default_faces(), *(load_face(file, name=name) for name, _, file in named)]
    glyphs = build(faces, size=options.size, folder=options.out, characters="".join(decompositions()))
    drafts = build_drafts(glyphs, faces, options.out.with_name(f"{options.out.name}-drafts"))
    for face in glyphs.manifest["faces"]:
        print(f"{face['name']:20s} {face['count']:7,} glyphs   {face['licence']}")
    print(f"{len(DraftedGlyphs(glyphs, drafts, 'train')):,} training glyphs with drafts")


if __name__ == "__main__":
    main()
