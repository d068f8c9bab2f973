"""What happened and what may happen: the ledger, signed statements, the policy, and the ruling."""
