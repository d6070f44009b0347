"""The parts of `corpus/make.py`, each of which makes one kind of file."""
