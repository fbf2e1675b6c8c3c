"""Machines that are steps of RASP, assemblers for two of them, and in `code` programs for these."""
