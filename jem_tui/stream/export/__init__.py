"""Files for other programs: tables, plots, images and animations made from a log."""
