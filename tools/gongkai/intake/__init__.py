"""From what people have — tables of an old portal, Word files, an empty page — to items."""
