"""Answers that PostgreSQL writes as JSON, text by text.

Concatenating pieces of text takes PostgreSQL half the time of `json_build_object`, and gives no blanks. A null in one
piece would make the whole text null, so whatever may be null says what it writes instead.
"""
