"""Transfer: bringing content in from other programs."""
