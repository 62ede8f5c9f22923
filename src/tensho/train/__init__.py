"""Training: one loop for all families, step-counted, that resumes where it stopped."""
