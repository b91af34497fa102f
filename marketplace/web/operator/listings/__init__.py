"""The operator's own listings and their drafts."""
