"""The guests of an enterprise whose sales were stopped: another place, or the money back."""
