"""Who is calling: people by an identity provider or by tokens of ours, machines by service tokens."""
