drop index if exists tags_name_key;
