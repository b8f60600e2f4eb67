"""Training loops of other libraries as watched runs: Lightning, Hugging Face transformers, ebmkit.

Each module imports its library, which is not a dependency of this program. An adapter draws no random number and changes no weight, so
that the results of the library are the same with and without the adapter.
"""
