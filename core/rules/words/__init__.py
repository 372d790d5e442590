"""What the rules say, in words: a catalogue a language."""
