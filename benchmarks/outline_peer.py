"""A peer on the same page: idskage, which composes KAGE data for an IDS, beside outlines composed of Hanazono's, which KAGE drew.

    git clone https://github.com/g0v/idskage
    python -m benchmarks.outline_peer --idskage idskage -o peer.png      (needs node)

The characters that these describe, such as 明, give no parts. idskage (MIT) has strokes of 日 月 艹 大 and 明 and boxes for ⿰ and ⿱, so the eight descriptions are made of these.
Its own program runs unchanged in node, its canvas replaced by a list of polygons, and given a function that it calls and
that its repository lacks.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.outline_composers import composer_without
from benchmarks.outline_faces import open_faces
from tensho.errors import TenshoError
from tensho.ids.canonical import exists
from tensho.ids.syntax import parse

DESCRIPTIONS = ("⿰日月", "⿱日月", "⿰月日", "⿱艹日", "⿱大日", "⿱大月", "⿱艹⿰日月", "⿱大⿰日月")
SIZE, _FINE = 256, 4

_NODE = """
const fs = require("fs"), vm = require("vm"), [folder, size, ...descriptions] = process.argv.slice(1);
let polygons = [];
const pen = {fillRect() {}, beginPath() { polygons.push([]); }, closePath() {}, fill() {},
             moveTo(x, y) { polygons.at(-1).push([x, y]); }, lineTo(x, y) { polygons.at(-1).push([x, y]); }};
const world = {isIDC: (code) => code >= 0x2ff0 && code <= 0x2fff ? 1 : 0,
               document: {getElementById: () => ({getContext: () => pen})}, console: {log() {}}};
world.window = world;
vm.createContext(world);
for (const file of ["lib/kageall.js", "src/mockdata.js", "src/autofit.js", "src/render.js"])
  vm.runInContext(fs.readFileSync(folder + "/" + file, "utf8"), world);
const drawn = {};
for (const description of descriptions) {
  polygons = [];
  try { vm.runInContext("idstree = {}; drawglyph(" + JSON.stringify(description) + "," + size + ")", world); }
  catch (error) { drawn[description] = String(error); continue; }
  drawn[description] = polygons;
}
console.log(JSON.stringify(drawn));
"""


def idskage(folder: Path) -> dict[str, NDArray[np.uint8]]:
    """What idskage draws, uint8 (S, S), ink 255 on 0; a blank square, and a word, where it fails."""
    command = ["node", "-e", _NODE, str(folder), str(SIZE * _FINE), *DESCRIPTIONS]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    drawn = {}
    for description, polygons in json.loads(done.stdout).items():
        page = Image.new("L", (SIZE * _FINE, SIZE * _FINE))
        if isinstance(polygons, str):
            print(f"idskage fails at {description}: {polygons}")
            polygons = []
        for polygon in polygons:
            ImageDraw.Draw(page).polygon([(x, y) for x, y in polygon], fill=255)
        drawn[description] = np.asarray(page.reduce(_FINE))
    return drawn


def main() -> None:
    """Draw both."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--idskage", type=Path, required=True, help="a clone of it")
    arguments.add_argument("-o", "--out", type=Path, default=Path("peer.png"))
    options = arguments.parse_args()
    theirs = idskage(options.idskage)
    (face,) = open_faces(["hanazono"])
    encoded = {character for description in DESCRIPTIONS for character in exists(parse(description))}
    composer = composer_without(face, lambda c: c in encoded)
    ours = []
    for description in DESCRIPTIONS:
        try:
            ours.append(face.square(composer.compose(description).outline, SIZE))
        except TenshoError as error:
            print(f"{description}: {error}")
            ours.append(np.zeros((SIZE, SIZE), np.uint8))
    rows = [np.concatenate(ours, 1), np.concatenate([theirs[d] for d in DESCRIPTIONS], 1)]
    Image.fromarray(255 - np.concatenate(rows)).save(options.out)
    print(f"{options.out}: outlines composed of Hanazono's above, idskage below: {' '.join(DESCRIPTIONS)}")


if __name__ == "__main__":
    main()
