"""Staff who sign in, what their role may do, and their passwords."""
