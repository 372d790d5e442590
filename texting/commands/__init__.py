"""The commands: each reads its options, works through the rooms below, and says what it did."""
