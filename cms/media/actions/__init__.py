"""What can be done with media files: one verb a file."""
