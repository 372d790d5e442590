"""What may be changed: one function a change, each inside a transaction that `perform` opens, records and commits."""
