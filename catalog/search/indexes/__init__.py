"""The port of the word index, and the indexes behind it."""
