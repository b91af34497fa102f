"""How a booking comes about: drafts, caps of holds, placing one, and the terms agreed."""
