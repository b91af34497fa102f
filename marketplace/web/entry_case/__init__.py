"""A case about an entry of the directory, step by step: for who applies, claims or changes it."""
