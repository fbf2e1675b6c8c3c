"""What is true of selections on every input: proofs about a few positions of one unknown input."""
