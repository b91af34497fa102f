"""The audit trail as the office reads it, in words."""
