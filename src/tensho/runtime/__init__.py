"""Drawing and writing without torch: NumPy around ONNX graphs that `onnxruntime` computes.

The weights stay where they are, in ``NAME.safetensors``; beside them lie graphs without weights, ``NAME.onnx``, that
`tensho.export.onnx` writes. Noise is that of the torch path, bit for bit; pictures agree within 1e-3.
"""
