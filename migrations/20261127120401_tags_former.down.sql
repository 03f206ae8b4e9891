drop index if exists tags_former;
