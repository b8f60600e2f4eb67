"""The science. Importing any module of it imports torch, which takes seconds."""

import os

# Read once, when torch loads its thread pool. Threads that spin while they wait for each other are up to ten times slower
# than sleeping ones as soon as another program wants a core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
