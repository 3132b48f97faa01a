"""What printed numbers and predictions can carry: small pure functions, and one page per paper."""
