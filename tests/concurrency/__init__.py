"""Real threads, real commits, both databases; each guard has a twin without it that is caught."""
