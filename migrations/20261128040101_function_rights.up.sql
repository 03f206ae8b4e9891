-- What a view calls is called with the rights of the reader: a reporting role that may read `public_posts` must be able to call
-- `post_path`, also where a database gives new functions to nobody. What runs with the owner's rights is for the serving role
-- alone, which is granted it after every migration.
grant execute on function post_path(text, text, text, text) to public;
revoke execute on function take_over_graphile_jobs(bigint, boolean) from public;
revoke execute on function graphile_jobs() from public;
