"""What can be found and bought: search = words, stock and price together; quotes over both."""
