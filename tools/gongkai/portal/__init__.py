"""The public portal: pages, lists and files made of a portal's items. MkDocs stands behind one adapter."""
