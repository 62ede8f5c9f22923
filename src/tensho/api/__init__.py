"""What a user asks for, one module a verb; the command line and the studio import nothing below it."""
