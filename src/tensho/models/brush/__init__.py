"""The brush: a flow-matching U-Net that turns a draft into a glyph, on torch or ONNX."""
