"""How good is a fake character: measures that put copies, blurs and noise in their place, and nearest characters."""
