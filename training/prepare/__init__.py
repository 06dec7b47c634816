"""From a folder of videos to a dataset: what each training needs of every video, made once."""
