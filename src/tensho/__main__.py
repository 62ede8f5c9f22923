"""``python -m tensho`` is the command ``tensho``."""

from tensho.cli import main

if __name__ == "__main__":
    main()
