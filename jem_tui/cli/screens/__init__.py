"""The screens that the commands open: training, replays and runs of other processes, and the model behind the draw screen."""
