"""What partners ask for, and what comes of it, whatever surface they call."""
