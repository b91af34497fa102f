"""Entries of the directory: their documents, how complete they are, and how they end."""
