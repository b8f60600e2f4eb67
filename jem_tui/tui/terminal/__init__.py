"""The terminal and its process: drivers that outlive a terminal, graphics protocols, signals, resource usage."""
