"""Reads of the directory as a whole: the register, its counts, names, what hangs on a listing."""
