"""What is true: rules, storage, commands and delivery."""
