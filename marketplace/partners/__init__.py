"""Partner platforms: their keys, their feed, and stays booked by API."""
