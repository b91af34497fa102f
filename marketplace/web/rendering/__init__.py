"""How pages look the same everywhere: words, amounts, drawings, charts, assets."""
