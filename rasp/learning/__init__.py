"""Exercises: tasks for programs, with hints, a hidden reference, a check and a grade for the size."""
