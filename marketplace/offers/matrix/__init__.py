"""Stock, prices and restrictions of every pool and day in memory, kept true by the change log."""
