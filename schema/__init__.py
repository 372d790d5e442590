"""What the API says: types, fields, arguments, descriptions and who may read them. No I/O, no answers."""
