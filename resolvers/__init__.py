"""What each field does: one file a noun, every function answers for all the parents of a level."""
