"""The ports of `operations`, kept by peewee; only `bootstrap` opens it."""
