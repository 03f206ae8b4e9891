-- What a view calls is called with the rights of the reader: a reporting role that may read `public_posts` must be able to call
-- `post_path`, also where a database gives new functions to no role. What runs with the owner's rights is for the serving role
-- alone. It is granted here to the role that serves already, so that nodes of the release before go on meanwhile; a role that
-- comes later is granted it after every migration.
grant execute on function post_path(text, text, text, text) to public;
do $$
declare
    serving text;
begin
    for serving in
        select distinct acl.grantee::regrole::text
        from pg_class, aclexplode(relacl) as acl
        where pg_class.oid = 'public.jobs'::regclass and acl.privilege_type = 'DELETE' and acl.grantee <> 0
    loop
        execute format('grant execute on function take_over_graphile_jobs(bigint, boolean), graphile_jobs() to %s', serving);
    end loop;
end $$;
revoke execute on function take_over_graphile_jobs(bigint, boolean) from public;
revoke execute on function graphile_jobs() from public;
