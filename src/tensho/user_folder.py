"""The user's folders: the cache, in which built data are kept, and the configuration; or what ``TENSHO_HOME`` says."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["config_home", "data_home"]


def data_home() -> Path:
    """The folder that $TENSHO_HOME names, or the user's cache."""
    import platformdirs

    home = os.environ.get("TENSHO_HOME")
    return Path(home) if home else platformdirs.user_cache_path("tensho")


def config_home() -> Path:
    """The folder that $TENSHO_HOME names, or the user's configuration."""
    import platformdirs

    home = os.environ.get("TENSHO_HOME")
    return Path(home) if home else platformdirs.user_config_path("tensho")
