"""PostgreSQL: tables, statements compiled once to text, rows, pools and transactions."""
