"""The data card of a set of text–image pairs: content, use, licences and attribution."""

from __future__ import annotations

from typing import Any

__all__ = ["card"]

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card(manifest: dict[str, Any]) -> str:
    """The README.md of a data set, with the header that hubs read; see `tensho.datasets.pairs.build_pairs`."""
    captions, splits = manifest["captions"], manifest["splits"]
    category = next(name for limit, name in _SIZES if captions < limit)
    faces = "\n".join(
        f"- {face['name']} ({face['pictures']:,} pictures): {face['family']}, {face['licence']}. {face['attribution']}"
        for face in manifest["faces"]
    )
    return f"""---
license: cc-by-sa-4.0
language: [en]
task_categories: [text-to-image]
size_categories: ["{category}"]
tags: [chinese-characters, kanji, glyphs]
---

# Characters and what they mean

{manifest["characters"]:,} Chinese characters as {captions:,} pictures, black on white, {manifest["size"]} × {manifest["size"]} pixels,
each with a caption in English. Made by `tensho data pairs`.

| split | captions |
|---|---|
| train | {splits["train"]:,} |
| validation | {splits["validation"]:,} |
| test | {splits["test"]:,} |

The split is by character, so that no character of the test is seen in training in any face:
{manifest["split"]}.

    from datasets import load_dataset
    load_dataset("imagefolder", data_dir="this folder")  # image, text, character, meaning, face

Pictures are never to be mirrored: a mirrored character is a wrong one.

## Licence and attribution

The captions are made from the meanings in KANJIDIC2, © the Electronic Dictionary Research and Development Group, used in
conformance with the Group's licence (CC BY-SA 4.0, https://www.edrdg.org/edrdg/licence.html), and in Unihan, © Unicode, Inc.
(Unicode License V3), shortened and put into sentences. The set as a whole is offered under CC BY-SA 4.0; say
so, with these names, where you pass it on or publish what was trained on it.

Faces:

{faces}
"""
