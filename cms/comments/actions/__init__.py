"""What can be done with comments: one verb a file."""
