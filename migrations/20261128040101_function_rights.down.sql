grant execute on function graphile_jobs() to public;
grant execute on function take_over_graphile_jobs(bigint, boolean) to public;
