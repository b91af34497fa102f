"""Real threads, real commits, on both databases; each guard has a twin without it that is caught."""
