"""What the directory office answers for: cases, evidence, licences, suspensions."""
