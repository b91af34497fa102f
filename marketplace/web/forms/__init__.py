"""Reading what people type and writing the files that they take away."""
