"""What each field does: one file a noun. Every function takes all the parents of its level and answers one value for each."""
