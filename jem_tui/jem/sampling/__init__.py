"""Chains: SGLD, the replay buffer, and the distribution that chains start from."""
