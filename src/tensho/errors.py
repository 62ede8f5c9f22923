"""The one exception that tensho raises on purpose."""

__all__ = ["TenshoError"]


class TenshoError(Exception):
    """Bad input, or an environment that cannot do what was asked.

    The message is one line: what was wrong, and what to do about it. The command line prints it after
    ``tensho: error:`` and exits with code 2.
    """
