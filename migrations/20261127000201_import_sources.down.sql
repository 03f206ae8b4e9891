drop table import_documents;
drop table import_sources;
