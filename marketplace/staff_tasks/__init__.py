"""What waits for a person: opened once a cause, settled once, listed for the office."""
