"""The directory: which wellness-tourism enterprises exist, what they offer and who approved it."""
