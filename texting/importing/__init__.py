"""Reading the files that administrators export from Control Hub, and carrying them out as audited changes."""
