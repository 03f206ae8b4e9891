-- In which cluster this database lies, so that a copy of it in another one, restored from a dump, is known to be one.
create table database_identity (
    only_row          boolean primary key default true check (only_row),
    system_identifier bigint not null,
    since             timestamptz not null default now()
);
comment on table database_identity is 'One row, written by the first node that serves from the database. A dump brings the one of another cluster along: then rows that mean something only there, such as transaction numbers, nodes and locks of jobs, are removed.';
