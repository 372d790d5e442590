"""The pure heart: what the facts mean, with no clock and no I/O."""
