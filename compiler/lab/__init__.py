"""What researchers do with compiled transformers: they are ground truth for methods of interpretability."""
