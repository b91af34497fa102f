"""Applying for an entry of the directory, and claiming one; the steps stand in ``entry_case``."""
