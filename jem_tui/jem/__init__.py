"""Joint Energy-based Models: the algorithms, and everything else that needs torch.

Importing most modules of `jem` imports torch, which takes seconds. No module of `jem` depends on the screen or on event files.
"""

import os

# torch reads this once, when it loads its thread pool. Threads that spin while they wait for each other are up to ten times
# slower than sleeping threads as soon as another program needs a core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
