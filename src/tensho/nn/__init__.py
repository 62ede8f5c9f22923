"""Building blocks of the networks; every module says the shapes it takes and gives."""
