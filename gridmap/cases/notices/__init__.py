"""What reporters are told of the cases of their reports."""
