drop table database_identity;
