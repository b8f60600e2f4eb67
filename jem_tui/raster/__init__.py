"""Drawing with numpy: images and curves as terminal cells. No module in this package imports Textual."""
