"""What the edge lets in: hosts, headers, limits, uploads, and notes of who looked at what."""
