"""A person at the terminal: deciding on codings, adding her own, one key an action.

The app (`app.py`) and the prompts (`plain.py`) drive a `Session`; they know neither the
store nor the project. Import what you need from its module: the app brings Textual.
"""
