-- What kind of change a version was for readers, where its author said so.
set lock_timeout = '2s';
alter table revisions
    add column label text,
    add constraint revisions_label check (label in ('minor', 'update', 'correction')) not valid;
