"""Stable Diffusion one step at a time: conditioning, samplers, the loop, pictures."""
