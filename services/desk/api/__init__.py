"""The interface: one module per subject, each a router. `door` says who may come in, `problems` how a refusal is told."""
