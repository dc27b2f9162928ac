"""Schemas: what is sent and answered, named field by field; the documentation is made of them."""
