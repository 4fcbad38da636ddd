"""The little that edge and voice share: plain HTTP, and counting what is turned away."""
