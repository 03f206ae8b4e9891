-- no-transaction
-- Old addresses are found in whatever case a link is written.
create index concurrently if not exists redirects_any_case on redirects (lower(path));
