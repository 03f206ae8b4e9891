drop index if exists tags_unnamed;
