-- A post's row is written again with each comment that is counted. With room on its page the new version stays there, and the
-- seven indexes of the table are left alone. Only pages written from now on have it; no row is moved.
set lock_timeout = '2s';
alter table posts set (fillfactor = 80);
