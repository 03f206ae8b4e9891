-- Since when the age of what is deleted for its age counts: nothing that was here before an update is gone sooner than it says.
set lock_timeout = '2s';
alter table site add column ages_from timestamptz not null default now();
comment on column site.ages_from is 'The trash is emptied, and versions are thinned, by their age from then on at the earliest.';
