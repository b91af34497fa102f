"""The public directory: clusters, themes, entries, joining it, and its open data."""
