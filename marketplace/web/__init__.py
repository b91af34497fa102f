"""The HTTP edge: pages for each audience, the partner API, hooks and health."""
