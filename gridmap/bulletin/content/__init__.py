"""What the pages of a bulletin say, as plain values: a module for each. No millimetres, no HTML."""
