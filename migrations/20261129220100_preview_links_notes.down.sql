alter table preview_links drop column allows_notes;
