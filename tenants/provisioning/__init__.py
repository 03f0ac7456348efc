"""Creates, migrates and drops chains: the only code that creates schemas and roles."""

from .creation import CreatedChain, create_chain
from .schema import drop_chain

__all__ = ["CreatedChain", "create_chain", "drop_chain"]
