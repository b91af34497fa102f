"""What every surface for programs stands on: keys, limits, strict requests, answers, problems."""
