"""What signs people and machines in, as it is stored: values and SQL of accounts, sessions and tokens."""
