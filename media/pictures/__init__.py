"""How the formats of pictures are read: bits, colours, layouts, and files that are cut short."""
