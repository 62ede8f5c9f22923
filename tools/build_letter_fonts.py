"""Make the part of the set of letter fonts that tensho ships: its names, families, neighbours and synthetic styles.

python -m tools.build_letter_fonts            (≈ 1 minute on one core)
"""

from __future__ import annotations

from pathlib import Path

from tensho.datasets.letters.fonts import SHIPPED, build_letter_fonts, write_shipped


def main() -> None:
    fonts = build_letter_fonts()
    path = Path(str(SHIPPED))
    write_shipped(fonts, path)
    print(f"{len(fonts)} fonts, {fonts.digest} → {path} ({path.stat().st_size / 1e3:,.0f} kB)")


if __name__ == "__main__":
    main()
