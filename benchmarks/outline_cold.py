"""How long a fresh interpreter takes to 16 dreams, and whether it had to load torch for them."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

__all__ = ["cold_dreams"]

_PROGRAM = "import sys, tensho; tensho.dream(16); print('torch' in sys.modules)"


def cold_dreams(times: int = 3) -> dict[str, float | bool]:
    """Median wall-clock seconds of several interpreters, after one that warms the disk's cache."""
    took, torch = [], False
    for _ in range(times + 1):
        started = perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True, timeout=600
        )
        took.append(perf_counter() - started)
        torch = done.stdout.strip().endswith("True")
    return {"cold_s_to_16_dreams": median(took[1:]), "first_s": took[0], "loads_torch": torch}
