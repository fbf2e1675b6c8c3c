"""The commands of `rasp`, grouped by what they need: the language alone, or models."""
