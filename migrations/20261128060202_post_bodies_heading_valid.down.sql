-- Goes with the column.
select 1;
