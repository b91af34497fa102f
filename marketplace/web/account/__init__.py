"""Signing in and out, passwords, the frame of staff pages and the development outbox."""
