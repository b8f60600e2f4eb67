"""Joint Energy-based Models: the algorithms, and everything else that needs torch.

Importing any module of `jem` imports torch, which takes seconds. No module here knows of the screen or of event files.
"""

import os

# Read once, when torch loads its thread pool. Threads that spin while they wait for each other are up to ten times slower
# than sleeping ones as soon as another program wants a core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
