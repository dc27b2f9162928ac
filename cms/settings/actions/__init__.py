"""What can be done with settings: one verb a module, policy first."""
