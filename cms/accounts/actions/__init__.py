"""What can be done with people and roles: one verb a module, policy first."""
