"""Organizations to look at: made once, through the same commands as everything else, and audited like it."""
