"""What can be brought in from where: one verb a file."""
