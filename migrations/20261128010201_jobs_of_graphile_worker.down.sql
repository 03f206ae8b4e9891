drop function graphile_jobs();
drop function take_over_graphile_jobs(bigint, boolean);
