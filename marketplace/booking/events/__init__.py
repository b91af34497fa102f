"""What happened to a booking, written down once, and the view that a partner is told."""
