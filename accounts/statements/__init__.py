"""Statements whose SQL is made once, for what is asked and booked hundreds of times a second (docs/decisions/0013)."""

from accounts.statements.inserts import insert, insert_alike
from accounts.statements.parameters import Parameter
from accounts.statements.queries import CompiledQuery
from accounts.statements.updates import CompiledUpdate, update_where

__all__ = ["CompiledQuery", "CompiledUpdate", "Parameter", "insert", "insert_alike", "update_where"]
