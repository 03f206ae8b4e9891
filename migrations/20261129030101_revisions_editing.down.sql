set lock_timeout = '2s';
alter table revisions
    drop column editing,
    drop column edit,
    drop column autosaved_since;
