"""What whoever runs the installation sees: whether it lives, figures, a line for each request."""
