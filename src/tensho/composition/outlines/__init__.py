"""Characters composed of outlines: a face cut into parts, and the parts put together anew."""
