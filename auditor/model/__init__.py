"""What is known: frozen values that every other part of the program exchanges.

Standard library only, and nothing else of ours is imported here, so any part may depend on it.
"""
