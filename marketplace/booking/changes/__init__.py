"""Changes of a stay: what can be chosen, what it costs, and writing it down."""
