"""Photographs: taken in, encoded by the worker, and shown to whom they may be shown."""
