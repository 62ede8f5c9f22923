"""The composer: a language model over descriptions of characters, on torch or ONNX."""
