"""The price of a stay by nights: terms, restrictions and the engine."""
