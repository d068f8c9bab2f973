"""Reading and writing items and settings: one strict YAML loader for every purpose."""
