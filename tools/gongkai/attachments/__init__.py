"""What lies in the files that go out beside an item: text, and traits that a reader should know. Knows no items."""
