"""Simulated quality of life: a latent health, the answers it gives, and the forms never filled."""
