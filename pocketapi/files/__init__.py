"""The bytes behind file fields: names, what a content is, where it is stored, and how it goes."""
