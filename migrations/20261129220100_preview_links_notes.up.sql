-- A preview link may let its holders leave notes on the text.
set lock_timeout = '2s';
alter table preview_links add column allows_notes boolean not null default false;
