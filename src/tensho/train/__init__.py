"""Training: `train` a model on a data set in a folder; the same call again resumes."""

from tensho.train.loop import Trained, begin_from, fresh_model, train
from tensho.train.settings import RunSettings

__all__ = ["RunSettings", "Trained", "begin_from", "fresh_model", "train"]
