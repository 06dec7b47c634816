"""Makes a dataset from a folder of videos: everything that a training needs of each video, computed once."""
