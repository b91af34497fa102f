"""Reading what staff type and writing the files they take away."""
