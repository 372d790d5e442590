"""Carriers: one carrier, one file. A new one implements `carrier.Carrier` and passes the suite of every carrier."""
