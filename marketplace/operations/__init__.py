"""Running an installation: migrations, backup, and the check of everything that must hold."""
