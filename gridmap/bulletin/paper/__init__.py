"""The bulletin on A4: what stands where, in millimetres. What it says is made in content."""
