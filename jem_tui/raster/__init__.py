"""Drawing with numpy: images and curves as terminal cells. No module here imports a widget."""
