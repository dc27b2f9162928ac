"""Comments: what readers wrote under an entry, in threads."""
