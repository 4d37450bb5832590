"""Config pieces for `with read_base()`, which names parts by importing them."""
