"""One verb, one file: permission first, then state, change, event. Surfaces, jobs and the command line call these."""
