"""Measurements: this compiler and Tracr side by side, and the distance to the machine's own speed."""
