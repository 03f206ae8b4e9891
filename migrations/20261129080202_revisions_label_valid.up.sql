alter table revisions validate constraint revisions_label;
