"""Variants of one scenario, a short search each: what each comes to, and which conclusions it bears out."""
