-- A validated constraint is dropped with its column.
select 1;
