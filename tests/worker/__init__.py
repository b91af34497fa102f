"""Background work: through the functions, and through a real Celery worker on a real broker."""
