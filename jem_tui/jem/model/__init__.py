"""Networks, the device that runs them, and inference without gradients."""
