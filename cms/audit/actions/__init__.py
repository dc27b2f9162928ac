"""What can be done with the record: one verb a file."""
