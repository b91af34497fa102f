"""Words: the search index behind a port."""
