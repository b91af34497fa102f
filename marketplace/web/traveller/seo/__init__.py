"""What search engines and share cards are told."""
