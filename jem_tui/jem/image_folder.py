"""The former location of `jem_tui.jem.data.image_folder`, which scripts outside the project import."""

from jem_tui.jem.data.image_folder import read_folder as read_folder
